import { strict as assert } from "node:assert";
import { connect, type Socket } from "node:net";
import { before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { send, startTestNode, type TestNode } from "../../../../test/node.ts";

const UPLOAD_BYTES_MAX = 3_000_000;
const PATH = "/api/know/exchange/imports?fileName=sites.csv&as=sites";
let house: TestNode;
let cookie: string;
before(async () => {
  house = await startTestNode({
    flags: { uploadBytesMax: UPLOAD_BYTES_MAX, uploadStallSecondsMax: 1, requestSecondsMax: 1 },
  });
  ({ cookie } = await house.signedIn("analyst"));
});

interface Heard {
  readonly text: string;
  readonly seconds: number;
}

/** Says a head, then whatever `write` says, and hears everything until the node ends the connection or answered. */
async function speak(head: readonly string[], write: (socket: Socket) => Promise<void>): Promise<Heard> {
  const { port } = new URL(house.url);
  const startedAt = performance.now();
  const socket = connect(Number(port), "127.0.0.1");
  let text = "";
  let failed: Error | undefined;
  socket.on("data", (bytes: Buffer) => {
    text += bytes.toString("latin1");
  });
  const ended = new Promise<void>((done) => {
    socket.once("error", (error) => {
      failed = error;
      done();
    });
    socket.once("close", () => done());
    socket.once("end", () => done());
  });
  socket.write(`${head.join("\r\n")}\r\nHost: localhost\r\nCookie: ${cookie}\r\nx-holdfast-csrf: 1\r\n\r\n`);
  await write(socket);
  const answered = (async () => {
    for (let i = 0; i < 400 && !/\r\n\r\n[^]*\}$/.test(text); i++) await sleep(20, undefined, { ref: false });
  })();
  await Promise.race([ended, answered]);
  socket.destroy();
  if (failed && text === "") throw failed;
  return { text, seconds: (performance.now() - startedAt) / 1_000 };
}

const upload = (headers: readonly string[], type = "text/csv", path = PATH) => [
  `POST ${path} HTTP/1.1`,
  `Content-Type: ${type}`,
  ...headers,
];
const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

/** Writes without reading, as a client does that sends everything first; a reset is an error. */
async function pour(socket: Socket, sizeBytes: number, frame = (bytes: string) => bytes): Promise<void> {
  socket.pause();
  let failed: Error | undefined;
  socket.once("error", (error) => {
    failed = error;
  });
  const piece = frame("x".repeat(65_535) + "\n");
  for (let sent = 0; sent < sizeBytes; sent += piece.length) {
    if (failed) throw failed;
    if (!socket.write(piece)) await new Promise((done) => socket.once("drain", done));
  }
  await sleep(100);
  if (failed) throw failed;
  socket.resume();
}

const CSV = "name,kind,organisation,country\nWorks,plant,Acme,DE\n";

test("an upload may take longer than a request may, as long as it moves", async () => {
  const { text, seconds } = await speak(upload(["Transfer-Encoding: chunked"]), async (socket) => {
    for (const piece of CSV.match(/[^]{1,12}/g) ?? []) {
      socket.write(chunk(piece));
      await sleep(400);
    }
    socket.write("0\r\n\r\n");
  });
  assert.match(text, /^HTTP\/1.1 201 /);
  assert.ok(seconds > 1.5, `it took ${seconds} s`);
});

test("an upload of which nothing arrives any more ends with 408, and nothing of it stays", async () => {
  const { text, seconds } = await speak(upload(["Content-Length: 1000"]), async (socket) => {
    socket.write("name,kind\n");
  });
  assert.match(text, /^HTTP\/1.1 408 /);
  assert.match(text, /http\/timeout/);
  assert.ok(seconds < 4, `it took ${seconds} s`);
  const { rows } = await house.node.database.pool.query(
    "select count(*)::int as n from exchange_import where state = 'uploading'",
  );
  assert.equal(rows[0].n, 0);
});

test("a JSON body that does not arrive in its time ends with 408", async () => {
  const head = ["POST /api/account/sign-in HTTP/1.1", "Content-Type: application/json", "Content-Length: 50"];
  const { text } = await speak(head, async (socket) => {
    for (let i = 0; i < 8; i++) {
      socket.write(" ");
      await sleep(200);
    }
  });
  assert.match(text, /^HTTP\/1.1 408 /);
});

test("2 GB are refused by their announcement, before a byte of them", async () => {
  const { text, seconds } = await speak(upload([`Content-Length: ${2 * 1_073_741_824}`]), async () => undefined);
  assert.match(text, /^HTTP\/1.1 413 /);
  assert.match(text, /http\/body-too-large/);
  assert.ok(seconds < 1, `it took ${seconds} s`);
});

test("who asks whether to go on is told not to, and who may is told to (RFC 9110 10.1.1)", async () => {
  const refused = await speak(upload(["Content-Length: 2000000000", "Expect: 100-continue"]), async () => undefined);
  assert.match(refused.text, /^HTTP\/1.1 413 /);
  const taken = await speak(upload([`Content-Length: ${CSV.length}`, "Expect: 100-continue"]), async (socket) => {
    await new Promise((done) => socket.once("data", done));
    socket.write(CSV);
  });
  assert.match(taken.text, /^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 201 /);
});

for (const [what, head, frame, status] of [
  ["announced too much", upload(["Content-Length: 12000000"]), undefined, 413],
  ["sends too much without announcing it", upload(["Transfer-Encoding: chunked"]), chunk, 413],
  ["sends what this node does not take", upload(["Transfer-Encoding: chunked"], "application/pdf"), chunk, 415],
  ["misspells a parameter", upload(["Content-Length: 2900000"], "text/csv", `${PATH}&fileNmae=x`), undefined, 400],
  [
    "sends JSON that is too long",
    ["POST /api/account/sign-in HTTP/1.1", "Content-Type: application/json", "Transfer-Encoding: chunked"],
    chunk,
    413,
  ],
  [
    "asks for what is not there",
    ["POST /api/nothing HTTP/1.1", "Content-Type: text/csv", "Content-Length: 12000000"],
    undefined,
    413,
  ],
  ["closes its connection afterwards", upload(["Content-Length: 12000000", "Connection: close"]), undefined, 413],
] as const) {
  test(`who ${what} and writes on reads ${status} instead of a reset`, async () => {
    const announced = Number(/Content-Length: (\d+)/.exec(head.join())?.[1] ?? 12_000_000);
    const { text } = await speak(head, (socket) => pour(socket, announced, frame));
    assert.match(text, new RegExp(`^HTTP/1.1 ${status} `));
    assert.match(text, /application\/problem\+json/);
  });
}

test("a node that stops does not wait for connections that linger", async () => {
  const other = await startTestNode({ flags: { uploadBytesMax: 1_024 } });
  const socket = connect(Number(new URL(other.url).port), "127.0.0.1");
  socket.write(`POST ${PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nContent-Length: 99999\r\n\r\n`);
  await new Promise((done) => socket.once("data", done));
  const startedAt = performance.now();
  await other.stop();
  assert.ok(performance.now() - startedAt < 5_000);
  socket.destroy();
  assert.equal((await send(house.url, {}, "GET", "/healthz")).status, 200);
});
