import { strict as assert } from "node:assert";
import { createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { startTestNode, type TestAnswer, type TestCaller, type TestNode } from "../../../../../test/node.ts";
import { parseSchedule } from "./schedule.ts";
import { checkDestination } from "./webhook.ts";

const CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";
let node: TestNode;
let operator: TestCaller;

interface Delivery {
  readonly path: string;
  readonly body: string;
  readonly headers: IncomingMessage["headers"];
}
const deliveries: Delivery[] = [];
/** What the receiver answers on each path; 200 where nothing is said. */
const answers = new Map<string, (answer: ServerResponse) => void>();
const receiver = createServer((request, answer) => {
  let body = "";
  request.on("data", (chunk: Buffer) => (body += chunk.toString()));
  request.on("end", () => {
    const path = request.url ?? "";
    deliveries.push({ path, body, headers: request.headers });
    const act = answers.get(path);
    if (act) act(answer);
    else answer.end();
  });
});
let origin = "";

before(async () => {
  await new Promise<void>((resolve) => void receiver.listen(0, "127.0.0.1", resolve));
  const { port } = receiver.address() as AddressInfo;
  origin = `http://127.0.0.1:${port}`;
  node = await startTestNode({ flags: { subscriptionHosts: `127.0.0.1:${port}` } });
  operator = await node.signedIn("operator");
  for (const [name, query] of [
    ["receipts", { EQ_bizStep: ["receiving"] }],
    ["one lot", { MATCH_anyEPC: [sscc(7)], orderBy: "eventTime" }],
  ] as const) {
    const made = await operator.send("POST", "/epcis/queries", { name, query });
    assert.equal(made.status, 201, made.text);
  }
});

after(() => void receiver.close());

function sscc(n: number): string {
  return `urn:epc:id:sscc:4012345.${String(n).padStart(10, "0")}`;
}

async function capture(n: number, bizStep = "receiving"): Promise<void> {
  const answer = await operator.send("POST", "/epcis/events", {
    "@context": [CONTEXT],
    type: "ObjectEvent",
    action: "OBSERVE",
    bizStep,
    epcList: [sscc(n)],
    eventTime: "2024-05-01T10:00:00Z",
    eventTimeZoneOffset: "+00:00",
  });
  assert.equal(answer.status, 201, answer.text);
}

async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const end = Date.now() + 8_000; ; ) {
    if (await isSo()) return;
    assert.ok(Date.now() < end, what);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

const subscribe = (body: object, query = "receipts"): Promise<TestAnswer> =>
  operator.send("POST", `/epcis/queries/${encodeURIComponent(query)}/subscriptions`, body);
const at = (path: string) => deliveries.filter((each) => each.path === path);
const epcs = ({ body }: Delivery): string[] =>
  JSON.parse(body).epcisBody.queryResults.resultsBody.eventList.flatMap(
    ({ epcList }: { epcList: string[] }) => epcList,
  );

test("a named query is made once, shown as it came, run by name and deleted (EPCIS 2.0 12.8)", async () => {
  const again = await operator.send("POST", "/epcis/queries", { name: "receipts", query: {} });
  assert.deepEqual([again.status, again.body.type], [409, "epcisException:ResourceAlreadyExistsException"]);
  const { body } = await operator.send("GET", "/epcis/queries/receipts");
  assert.deepEqual(body, { name: "receipts", query: { EQ_bizStep: ["receiving"] } });
  await capture(7, "shipping");
  const run = await operator.send("GET", "/epcis/queries/one%20lot/events");
  assert.equal(run.body.epcisBody.queryResults.queryName, "one lot");
  assert.equal(run.body.epcisBody.queryResults.resultsBody.eventList.length, 1);
  assert.equal(
    (await operator.send("POST", "/epcis/queries", { name: "gone", query: { eventType: "ObjectEvent" } })).status,
    201,
  );
  assert.equal((await operator.send("DELETE", "/epcis/queries/gone")).status, 204);
  const missing = await operator.send("GET", "/epcis/queries/gone/events");
  assert.deepEqual([missing.status, missing.body.type], [404, "epcisException:NoSuchNameException"]);
  const wrong = await operator.send("POST", "/epcis/queries", { name: "wrong", query: { EQ_color: "red" } });
  assert.deepEqual([wrong.status, wrong.body.type], [400, "epcisException:QueryParameterException"]);
});

test("a stream brings each new event once, signed with the subscriber's token (EPCIS 2.0 8.2.5)", async () => {
  const made = await subscribe({ dest: `${origin}/stream`, signatureToken: "s3cret", stream: true });
  assert.equal(made.status, 201, made.text);
  assert.ok(!made.text.includes("s3cret"));
  for (const n of [10, 11]) await capture(n);
  await capture(12, "shipping");
  await until(() => at("/stream").flatMap(epcs).length === 2, "both events come");
  await capture(13);
  await until(() => at("/stream").flatMap(epcs).length === 3, "the third comes, and the others not again");
  const { body, headers } = at("/stream")[0]!; // there are three
  const [, seconds, mac] = /^t=(\d+),hmac-sha256=([0-9a-f]{64})$/.exec(String(headers["gs1-signature"])) ?? [];
  assert.equal(mac, createHmac("sha256", "s3cret").update(`${seconds}.${body}`).digest("hex"));
  const { body: shown } = await operator.send("GET", made.headers.get("location") ?? "");
  assert.ok(
    shown.lastNotifiedAt !== undefined &&
      JSON.parse(body).epcisBody.queryResults.subscriptionID === shown.subscriptionID,
  );
});

test("a receiver that fails gets the same events again, and never after a success", async () => {
  let refusals = 0;
  answers.set("/flaky", (answer) => {
    answer.statusCode = ++refusals <= 1 ? 503 : 204;
    answer.end();
  });
  assert.equal((await subscribe({ dest: `${origin}/flaky`, stream: true })).status, 201);
  await capture(20);
  await until(() => at("/flaky").length === 2, "a second attempt");
  assert.deepEqual(at("/flaky").map(epcs), [
    ["https://id.gs1.org/00/040123450000000207"],
    ["https://id.gs1.org/00/040123450000000207"],
  ]);
  assert.match(String(at("/flaky")[0]?.headers["gs1-signature"]), /^t=\d+,ed25519=.{88},key=[0-9a-f]{16}$/);
  await capture(21);
  await until(() => at("/flaky").length === 3, "the next event");
  assert.deepEqual(at("/flaky").slice(2).flatMap(epcs), ["https://id.gs1.org/00/040123450000000214"]);
});

test("a schedule reports at its moments, from the record time asked for, and an empty report only when asked", async () => {
  const initialRecordTime = "2000-01-01T00:00:00Z";
  const every = { second: "[0-59]" };
  assert.equal(
    (await subscribe({ dest: `${origin}/empty`, schedule: every, reportIfEmpty: true }, "one lot")).status,
    201,
  );
  assert.equal(
    (await subscribe({ dest: `${origin}/past`, schedule: every, initialRecordTime }, "one lot")).status,
    201,
  );
  await until(() => at("/past").length === 1 && at("/empty").length >= 2, "reports");
  assert.deepEqual(at("/past").flatMap(epcs), ["https://id.gs1.org/00/040123450000000078"]);
  assert.deepEqual(at("/empty").flatMap(epcs), []);
});

test("a receiver that hangs delays nobody else", async () => {
  const held: ServerResponse[] = [];
  answers.set("/hangs", (answer) => void held.push(answer));
  assert.equal((await subscribe({ dest: `${origin}/hangs`, stream: true })).status, 201);
  assert.equal((await subscribe({ dest: `${origin}/brisk`, stream: true })).status, 201);
  await capture(30);
  await until(() => at("/brisk").length === 1 && at("/hangs").length === 1, "the other one gets its event");
  await capture(32);
  await until(() => at("/brisk").length === 2, "and the next one, while the first still hangs");
  for (const answer of held) answer.end();
});

test("a redirection is a failure, and is not followed", async () => {
  answers.set("/moved", (answer) => void answer.writeHead(302, { location: `${origin}/elsewhere` }).end());
  const made = await subscribe({ dest: `${origin}/moved`, stream: true });
  await capture(31);
  const shown = async () => (await operator.send("GET", made.headers.get("location") ?? "")).body;
  await until(async () => (await shown()).lastProblem?.includes("302"), "the failure is shown");
  assert.equal(at("/elsewhere").length, 0);
  assert.equal((await operator.send("DELETE", made.headers.get("location") ?? "")).status, 204);
});

test("a subscription goes only where the operator allows, and is either a stream or scheduled", async () => {
  const refused = async (body: object) => {
    const { status, body: problem } = await subscribe(body);
    return [status, problem.type];
  };
  const controls = [400, "epcisException:SubscriptionControlsException"];
  const dest = `${origin}/x`;
  for (const wrong of [
    { dest: "http://169.254.169.254/latest", stream: true },
    { dest: "http://127.0.0.1:1/x", stream: true },
    { dest: "file:///etc/passwd", stream: true },
    { dest },
    { dest, stream: true, schedule: { second: "0" } },
    { dest, schedule: { second: "61" } },
    { dest, schedule: { dayOfMonth: "31", month: "2" } },
  ])
    assert.deepEqual(await refused(wrong), controls, JSON.stringify(wrong));
  assert.throws(() => checkDestination("https://a:b@ok.example/", new Set(["ok.example"])));
  checkDestination("https://ok.example/", new Set(["ok.example:443"]));
});

test("a schedule names the next moment (EPCIS 2.0 8.2.5.3)", () => {
  const from = new Date("2024-02-28T10:20:30.500Z");
  for (const [schedule, next] of [
    [{}, "2024-02-28T10:21:00.000Z"],
    [{ second: "[0-59]" }, "2024-02-28T10:20:31.000Z"],
    [{ minute: "0,15,[40-45]" }, "2024-02-28T10:40:00.000Z"],
    [{ hour: "3", minute: "5" }, "2024-02-29T03:05:00.000Z"],
    [{ dayOfWeek: "7", hour: "0", minute: "0" }, "2024-03-03T00:00:00.000Z"],
    [{ dayOfMonth: "29", month: "2", hour: "11", minute: "0" }, "2024-02-29T11:00:00.000Z"],
  ] as const)
    assert.equal(parseSchedule(schedule, from).next(from).toISOString(), next, JSON.stringify(schedule));
});

test("a WebSocket brings new events of a query, and ends when the query is deleted (EPCIS 2.0 12.9)", async () => {
  await operator.send("POST", "/epcis/queries", { name: "live", query: { EQ_bizStep: "packing" } });
  const made = await (await node.signedIn("operator")).send("POST", "/api/platform/tokens", {
    name: "m",
    scopes: ["thread:read"],
    days: 1,
  });
  const url = `${node.url.replace("http", "ws")}/epcis/queries/live/events?stream=true`;
  const messages: string[] = [];
  const headers = { authorization: `Bearer ${made.body.secret}` };
  // Node's WebSocket takes headers, which the browser's type does not say
  const socket = new WebSocket(url, { headers } as unknown as string[]);
  socket.addEventListener("message", ({ data }) => void messages.push(String(data)));
  const ended = new Promise((resolve) => void socket.addEventListener("close", resolve));
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", reject);
  });
  await capture(40, "packing");
  await until(() => messages.length === 1, "the event comes");
  assert.deepEqual(epcs({ path: "", headers: {}, body: messages[0] ?? "" }), [
    "https://id.gs1.org/00/040123450000000405",
  ]);
  assert.equal((await operator.send("DELETE", "/epcis/queries/live")).status, 204);
  await ended;
  const refused = new WebSocket(url);
  await new Promise((resolve) => void refused.addEventListener("error", resolve));
});
