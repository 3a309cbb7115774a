import { strict as assert } from "node:assert";
import { test } from "node:test";
import { startTestNode } from "../../../../test/node.ts";

/** The address that the node keeps of a session that is asked about with this X-Forwarded-For. */
async function addressSeen(trustProxy: unknown, forwarded: string): Promise<string> {
  const house = await startTestNode({ flags: { trustProxy } });
  const { token } = await house.node.auth.issueSetUpLink({ roles: ["viewer"] });
  const answer = await fetch(`${house.url}/api/account/set-up`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-forwarded-for": forwarded },
    body: JSON.stringify({ token, name: "Ada", email: "ada@example.org", password: "a quiet harbour at dawn" }),
  });
  assert.equal(answer.status, 200, await answer.text());
  const { rows } = await house.node.database.pool.query("select address from auth_session");
  await house.stop();
  return rows[0].address;
}

test("what a caller writes before the proxy's own word in X-Forwarded-For is not believed", async () => {
  assert.equal(await addressSeen(false, "198.51.100.1"), "127.0.0.1");
  assert.equal(await addressSeen(true, "198.51.100.1, 203.0.113.9"), "203.0.113.9");
  assert.equal(await addressSeen("2", "192.0.2.66, 198.51.100.1, 203.0.113.9"), "198.51.100.1");
});
