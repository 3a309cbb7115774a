import { strict as assert } from "node:assert";
import { test } from "node:test";
import { openDatabase } from "../../apps/node/src/platform/database.ts";
import { send, testPostgres } from "../node.ts";
import { startNodeProcess } from "../node-process.ts";

test("two processes on one database serve the same data, and a SIGKILL under write load loses and doubles nothing", async () => {
  const postgres = await testPostgres();
  const { host, user, database } = await postgres.database("scale_out");
  const databaseUrl = `postgres://${user}@${encodeURIComponent(String(host))}/${database}`;
  const first = await startNodeProcess("first", databaseUrl);
  const second = await startNodeProcess("second", databaseUrl);
  const setUp = await send(first.url, {}, "POST", "/api/account/set-up", {
    token: first.token,
    name: "Ada",
    email: "ada@example.org",
    password: "a quiet harbour at dawn",
  });
  assert.equal(setUp.status, 200, setUp.text);
  const cookie = setUp.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
  const headers = { cookie, "x-holdfast-csrf": "1" };
  assert.equal((await send(second.url, headers, "GET", "/api/account")).body.email, "ada@example.org");

  // Each writer creates people one after the other, tries again at the other process when its own dies, with the same key.
  const acknowledged = new Set<string>();
  let killed = false;
  const write = async (writer: number): Promise<void> => {
    for (let i = 0; i < 40; i++) {
      const address = `w${writer}-${i}@example.org`;
      const key = `key-${writer}-${i}`;
      for (const url of [first.url, second.url, second.url]) {
        if (url === first.url && killed) continue;
        const answer = await send(url, { ...headers, "idempotency-key": key }, "POST", "/api/platform/people", {
          name: address,
          email: address,
          roles: ["viewer"],
        }).catch(() => undefined);
        if (answer?.status !== 201) continue;
        acknowledged.add(answer.body.person.email);
        break;
      }
      if (acknowledged.size === 80 && !killed) {
        killed = true;
        first.child.kill("SIGKILL");
      }
    }
  };
  await Promise.all([0, 1, 2, 3].map(write));
  assert.ok(killed, "the first process was killed under load");
  const db = await openDatabase(await postgres.database("scale_out"));
  const { rows } = await db.pool.query<{ email: string }>(
    "select email from auth_person where email like 'w%' limit 1000",
  );
  await db.close();
  const stored = rows.map((row) => row.email);
  assert.equal(new Set(stored).size, stored.length, "nothing is doubled");
  assert.deepEqual(
    [...acknowledged].filter((address) => !stored.includes(address)),
    [],
    "nothing acknowledged is lost",
  );
  assert.equal(stored.length, 160, "every write arrived in the end");
});
