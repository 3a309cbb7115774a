import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { startTestNode, type TestNode } from "../../../test/node.ts";
import { temporaryFolder } from "../../../test/temporary-folder.ts";

const folder = temporaryFolder("cli-capture");
let node: TestNode;
let token = "";

before(async () => {
  node = await startTestNode();
  const operator = await node.signedIn("operator");
  const scopes = ["thread:capture", "thread:read"];
  token = (await operator.send("POST", "/api/platform/tokens", { name: "cli", scopes, days: 1 })).body.secret;
});
after(() => folder.remove());

function run(...words: string[]): Promise<{ exit: number; out: string; error: string }> {
  const main = resolve(import.meta.dirname, "main.ts");
  return new Promise((done) => {
    execFile(
      process.execPath,
      [main, "epcis", "capture", ...words],
      { env: { ...process.env, HOLDFAST_TOKEN: token } },
      (failure, out, error) => done({ exit: failure ? Number(failure.code) : 0, out, error }),
    );
  });
}

function documentFile(name: string, eventTime: string): string {
  const event = {
    type: "ObjectEvent",
    action: "ADD",
    epcList: ["urn:epc:id:sscc:4012345.0000000111"],
    eventTime,
    eventTimeZoneOffset: "+00:00",
  };
  const file = join(folder.path, name);
  writeFileSync(
    file,
    JSON.stringify({
      "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
      type: "EPCISDocument",
      schemaVersion: "2.0",
      creationDate: "2024-05-01T10:00:00Z",
      epcisBody: { eventList: [event] },
    }),
  );
  return file;
}

test("a file is captured at a node, and a faulty one is refused with the reason and exit code 1", async () => {
  const good = documentFile("good.jsonld", "2024-05-01T10:00:00Z");
  const done = await run(good, "--node", node.url);
  assert.deepEqual([done.exit, done.out], [0, `captured\t${good}\t1 events stored\n`], done.error);
  const faulty = await run(documentFile("faulty.jsonld", "yesterday"), "--url", node.url);
  assert.equal(faulty.exit, 1);
  assert.match(faulty.out, /^refused\t.*\t0 events stored, 1 errors\n {2}event 0 is not valid: .*eventTime/);
  const away = await run(good, "--url", "http://127.0.0.1:1");
  assert.equal(away.exit, 69, away.error);
  const absent = await run(join(folder.path, "absent.xml"), "--url", node.url);
  assert.equal(absent.exit, 66, absent.error);
});
