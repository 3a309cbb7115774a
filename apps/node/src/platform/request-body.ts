/**
 * The body of a request on its way in: how large it may be, how long it may take, and how a connection ends whose caller
 * still writes. A JSON body has a time to arrive in; an upload may take as long as it moves. A caller who is refused reads
 * the refusal: the rest of what they send is thrown away for a while instead of resetting the connection (RFC 9112 9.6).
 */
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import { Problem } from "@holdfast/kernel";
import type { FastifyReply, FastifyRequest } from "fastify";

const LINGER_MILLISECONDS = 15_000; // for who sends everything before reading; longer is nobody who listens

export interface BodyLimits {
  readonly sizeBytesMax: number;
  /** Seconds for the whole body, or without a byte when it is an upload. */
  readonly secondsMax: number;
  readonly isUpload: boolean;
}

/**
 * The body, read from the connection only when somebody reads it; then, not before, a caller who asked is told to go on
 * (RFC 9110 10.1.1).
 * @throws Problem `http/body-too-large` when the announced size is; the stream fails with it, or with `http/timeout`
 */
export function receiveBody(request: FastifyRequest, reply: FastifyReply, limits: BodyLimits): Readable {
  const { raw } = request;
  const announced = Number(request.headers["content-length"] ?? 0);
  if (announced > limits.sizeBytesMax) throw tooLarge(limits);
  let timer: NodeJS.Timeout | undefined;
  let sizeBytes = 0;
  const late = () => {
    if (limits.isUpload && (body.readableLength > 0 || raw.readableLength > 0))
      timer?.refresh(); // it is we who are slow
    else body.destroy(tooSlow(limits));
  };
  const start = () => {
    if (request.headers.expect?.toLowerCase() === "100-continue") reply.raw.writeContinue();
    timer = setTimeout(late, limits.secondsMax * 1_000);
    raw.on("data", (chunk: Buffer) => {
      sizeBytes += chunk.length;
      if (limits.isUpload) timer?.refresh();
      if (sizeBytes > limits.sizeBytesMax) body.destroy(tooLarge(limits));
      else if (!body.push(chunk)) raw.pause();
    });
    raw.once("end", () => {
      clearTimeout(timer);
      body.push(null);
    });
    raw.once("error", (error) => body.destroy(error));
    raw.once("close", () => {
      if (!raw.complete) body.destroy(new Problem("http/bad-request", "the body ended before it was whole"));
    });
  };
  const body = new Readable({
    read: () => {
      if (timer === undefined) start();
      raw.resume();
    },
    destroy: (error, done) => {
      clearTimeout(timer);
      raw.removeAllListeners("data");
      done(error);
    },
  });
  body.on("error", () => undefined); // whoever reads it hears of it; when nobody does, nobody need
  return body;
}

function tooLarge({ sizeBytesMax, isUpload }: BodyLimits): Problem {
  const what = isUpload ? "file" : "body";
  return new Problem(
    "http/body-too-large",
    `the ${what} is larger than \`${sizeBytesMax}\` bytes, which is the limit`,
    {
      detail: { sizeBytesMax },
    },
  );
}

function tooSlow({ secondsMax, isUpload }: BodyLimits): Problem {
  const message = isUpload
    ? `nothing of the upload arrived for \`${secondsMax}\` s`
    : `the body did not arrive within \`${secondsMax}\` s`;
  return new Problem("http/timeout", message, { detail: { secondsMax } });
}

/** Connections that were answered before their request had arrived, and are read to its end. */
export class LingeringClose {
  readonly #sockets = new Set<Socket>();

  /** Called before an answer leaves: when the request is not whole yet, its connection ends without a reset. */
  prepare(request: FastifyRequest, reply: FastifyReply): void {
    const { raw } = request;
    if (raw.complete || raw.socket.destroyed) return;
    const { socket } = raw;
    reply.header("connection", "close");
    // what Node calls when the answer is written: its own would throw away unread bytes, and with them the answer
    socket.destroySoon = () => {
      this.#sockets.add(socket);
      const timer = setTimeout(() => socket.destroy(), LINGER_MILLISECONDS).unref();
      socket.once("close", () => {
        clearTimeout(timer);
        this.#sockets.delete(socket);
      });
      raw.once("end", () => {
        Reflect.deleteProperty(socket, "destroySoon");
        socket.destroySoon();
      });
      socket.end();
      raw.resume();
    };
  }

  /** For a node that stops. */
  destroy(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
