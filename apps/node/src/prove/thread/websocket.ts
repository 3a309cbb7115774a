/**
 * WebSocket connections (RFC 6455) for events: handshake, text out, close and ping in. What a subscriber sends besides is
 * read and thrown away. A connection that does not take its events, or that says nothing to a ping, is closed.
 */
import { createHash } from "node:crypto";
import type { IncomingMessage, Server as HttpServer, ServerResponse } from "node:http";
import { ServerResponse as Answer } from "node:http";
import type { Duplex } from "node:stream";
import type { FastifyInstance } from "fastify";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455 1.3
const UNSENT_BYTES_MAX = 16_777_216; // of a subscriber who does not read
const FRAME_BYTES_MAX = 65_536; // of a frame from a subscriber, who has nothing to say
const PING_MILLISECONDS = 30_000;
const OPCODE = { text: 1, close: 8, ping: 9, pong: 10 } as const;

/** Sockets of requests that want to become WebSockets, until their operation takes them. */
const waiting = new WeakMap<IncomingMessage, Duplex>();

/** Lets requests with `Upgrade: websocket` go through the router like any other, so that they are authorised like any other. */
export function routeUpgrades(fastify: FastifyInstance): void {
  const server: HttpServer = fastify.server;
  server.on("upgrade", (request: IncomingMessage, socket: Duplex) => {
    socket.on("error", () => socket.destroy());
    if (request.headers.upgrade?.toLowerCase() === "websocket") waiting.set(request, socket);
    const answer: ServerResponse = new Answer(request);
    answer.assignSocket(socket as Parameters<ServerResponse["assignSocket"]>[0]); // the sockets of an HTTP server are net sockets
    answer.on("finish", () => socket.end());
    fastify.routing(request, answer);
  });
}

export function wantsWebSocket(request: IncomingMessage): boolean {
  return waiting.has(request) && typeof request.headers["sec-websocket-key"] === "string";
}

export interface WebSocketConnection {
  /** False when the subscriber is too far behind: then the connection is closed. */
  send(text: string): boolean;
  close(code: number, reason: string): void;
  readonly isOpen: boolean;
}

/** Takes over the connection of a request that `wantsWebSocket`. The caller has hijacked the reply. */
export function acceptWebSocket(request: IncomingMessage, onClose: () => void): WebSocketConnection | undefined {
  const socket = waiting.get(request);
  const key = request.headers["sec-websocket-key"];
  if (!socket || typeof key !== "string") return undefined;
  waiting.delete(request);
  const accept = createHash("sha1")
    .update(key + GUID)
    .digest("base64");
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  return new Connection(socket, onClose);
}

class Connection implements WebSocketConnection {
  readonly #socket: Duplex;
  readonly #onClose: () => void;
  #unread = Buffer.alloc(0);
  #answered = true;
  #open = true;
  readonly #ping: NodeJS.Timeout;

  constructor(socket: Duplex, onClose: () => void) {
    this.#socket = socket;
    this.#onClose = onClose;
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("close", () => this.#ended());
    socket.on("end", () => this.close(1000, ""));
    this.#ping = setInterval(() => this.#probe(), PING_MILLISECONDS).unref();
  }

  get isOpen(): boolean {
    return this.#open;
  }

  send(text: string): boolean {
    if (!this.#open) return false;
    this.#write(OPCODE.text, Buffer.from(text));
    if (this.#socket.writableLength <= UNSENT_BYTES_MAX) return true;
    this.#socket.destroy();
    return false;
  }

  close(code: number, reason: string): void {
    if (!this.#open) return;
    const body = Buffer.alloc(2 + Buffer.byteLength(reason));
    body.writeUInt16BE(code);
    body.write(reason, 2);
    this.#write(OPCODE.close, body);
    this.#ended();
    this.#socket.end();
  }

  #probe(): void {
    if (!this.#answered) this.#socket.destroy();
    this.#answered = false;
    if (this.#open) this.#write(OPCODE.ping, Buffer.alloc(0));
  }

  #ended(): void {
    if (!this.#open) return;
    this.#open = false;
    clearInterval(this.#ping);
    this.#onClose();
  }

  /** A whole, unmasked frame, RFC 6455 5.2. */
  #write(opcode: number, body: Buffer): void {
    const size = body.length;
    const head = Buffer.alloc(size < 126 ? 2 : size < 65_536 ? 4 : 10);
    head[0] = 0x80 | opcode;
    head[1] = size < 126 ? size : size < 65_536 ? 126 : 127;
    if (head.length === 4) head.writeUInt16BE(size, 2);
    if (head.length === 10) head.writeBigUInt64BE(BigInt(size), 2);
    this.#socket.write(head);
    this.#socket.write(body);
  }

  #read(chunk: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, chunk]);
    for (;;) {
      const frame = frameOf(this.#unread);
      if (frame === "more") return;
      if (frame === "too-large") {
        this.close(1009, "say less");
        return;
      }
      this.#unread = this.#unread.subarray(frame.size);
      this.#answered = true;
      if (frame.opcode === OPCODE.close) {
        this.close(1000, "");
        return;
      }
      if (frame.opcode === OPCODE.ping && this.#open) this.#write(OPCODE.pong, frame.body);
    }
  }
}

interface Frame {
  readonly opcode: number;
  readonly body: Buffer;
  readonly size: number;
}

/** The first frame of some bytes, RFC 6455 5.2. */
function frameOf(bytes: Buffer): Frame | "more" | "too-large" {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return "more";
  const short = second & 0x7f;
  if (short === 127) return "too-large";
  if (short === 126 && bytes.length < 4) return "more";
  const length = short === 126 ? bytes.readUInt16BE(2) : short;
  const maskAt = short === 126 ? 4 : 2;
  const bodyAt = maskAt + (second & 0x80 ? 4 : 0);
  if (length > FRAME_BYTES_MAX) return "too-large";
  if (bytes.length < bodyAt + length) return "more";
  const body = Buffer.from(bytes.subarray(bodyAt, bodyAt + length));
  if (second & 0x80) for (let i = 0; i < length; i++) body[i] = (body[i] ?? 0) ^ (bytes[maskAt + (i % 4)] ?? 0);
  return { opcode: first & 0x0f, body, size: bodyAt + length };
}
