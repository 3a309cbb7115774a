import { strict as assert } from "node:assert";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startTestNode } from "../../../../../test/node.ts";

test("grants of access and the policy set are on the log, by id and not by name, each once", async () => {
  const house = await startTestNode({ flags: { ledgerBatchMilliseconds: 20 } });
  const [admin, analyst] = [await house.signedIn("admin"), await house.signedIn("analyst")];
  const invited = await admin.send("POST", "/api/platform/people", {
    name: "Grace Hopper",
    email: "grace@example.org",
    roles: ["viewer"],
  });
  assert.equal(invited.status, 201, invited.text);
  const { id } = invited.body.person;
  const edited = await admin.send(
    "PUT",
    `/api/platform/people/${id}`,
    { name: "Grace Hopper", roles: ["viewer", "auditor"], disabled: false },
    { "if-match": invited.headers.get("etag") ?? '"1"' },
  );
  assert.ok(edited.status < 300, edited.text);
  const { id: last } = await house.node.ledger.record(
    { kind: "test/said", subject: "s", payload: 1 },
    { wait: "published" },
  );
  assert.ok(last);
  const of = async (kind: string, subject = "") => {
    const query = `kind=${kind}${subject ? `&subject=${subject}` : ""}`;
    return (await analyst.send("GET", `/api/prove/ledger/statements?${query}`)).body.items;
  };
  const grants = await of("access/granted", `urn:uuid:${id}`);
  assert.equal(grants.length, 2);
  const document = (await analyst.send("GET", `/api/prove/ledger/statements/${grants[0].id}/document`)).text;
  assert.deepEqual(JSON.parse(document).payload.roles, ["viewer", "auditor"]);
  assert.ok(!document.includes("Grace"));
  assert.equal((await of("access/policies-changed")).length, 1);
});

test("a value that an import brought leads to the statement of that import", async () => {
  const house = await startTestNode({ flags: { ledgerBatchMilliseconds: 20 } });
  const analyst = await house.signedIn("analyst");
  const staged = await analyst.send(
    "POST",
    "/api/know/exchange/imports?fileName=organisations.csv",
    ORGANISATIONS_CSV,
    {
      "content-type": "text/csv",
    },
  );
  assert.equal(staged.status, 201, staged.text);
  const { id: importId } = staged.body;
  const started = await analyst.send("POST", `/api/know/exchange/imports/${importId}/runs`, { mode: "all-or-nothing" });
  assert.equal(started.status, 202, started.text);
  for (let outcome = "running"; outcome === "running"; await sleep(50))
    outcome = (await analyst.send("GET", `/api/know/exchange/imports/${importId}`)).body.run.outcome;
  const [found] = (await analyst.send("GET", "/api/know/registry/organisations?text=Wizard")).body.items;
  const { facts } = (await analyst.send("GET", `/api/know/registry/organisations/${found.id}`)).body;
  assert.equal(facts.country.importId, importId);
  const about = async (id: string) =>
    (await analyst.send("GET", `/api/prove/ledger/statements?subject=urn:uuid:${id}`)).body.items;
  const [statement, ...others] = await about(importId);
  assert.equal(statement.kind, "registry/imported");
  assert.deepEqual(others, []);
  assert.deepEqual(await about(found.id), []);
});

const ORGANISATIONS_CSV = "name,country\nWizard Metals Ltd,DE\n";
