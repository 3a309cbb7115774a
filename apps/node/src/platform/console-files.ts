/**
 * Serves the built console: hashed assets for a year, index.html never cached, every other path that a browser navigates
 * to gets index.html, because the URL is the console's state. Text goes as brotli or gzip to a browser that takes it.
 * Security headers and the CSP are scoped to it.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import helmet from "@fastify/helmet";
import staticFiles from "@fastify/static";
import type { FastifyInstance } from "fastify";

/** Mounts the console from `folder`, the console's build. */
export async function serveConsole(fastify: FastifyInstance, folder: string): Promise<void> {
  await fastify.register(async (scope) => {
    await scope.register(helmet, {
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'none'"],
          scriptSrc: ["'self'"],
          // the console sets styles through the CSSOM only: no style element, no style attribute in markup
          styleSrc: ["'self'"],
          imgSrc: ["'self'", "data:"],
          fontSrc: ["'self'"],
          connectSrc: ["'self'"],
          workerSrc: ["'self'"],
          manifestSrc: ["'self'"],
          formAction: ["'self'"],
          frameAncestors: ["'none'"],
          baseUri: ["'none'"],
        },
      },
      crossOriginEmbedderPolicy: false,
      referrerPolicy: { policy: "no-referrer" },
      strictTransportSecurity: false, // the proxy that ends TLS sets it, plain http on loopback must not
      xFrameOptions: { action: "deny" },
    });
    await scope.register(staticFiles, {
      root: folder,
      wildcard: false,
      index: false,
      preCompressed: true,
      globIgnore: ["**/*.{br,gz}"], // twins are another form of their file, not files of their own
      setHeaders: (reply, path) => {
        void reply.header(
          "cache-control",
          path.includes("/assets/") ? "public, max-age=31536000, immutable" : "no-cache",
        );
      },
    });
    const page = existsSync(join(folder, "index.html"));
    scope.get("/*", (request, reply) => {
      const path = request.url.split("?")[0] ?? "/";
      const navigates =
        !path.startsWith("/api/") &&
        !path.startsWith("/assets/") &&
        (request.headers.accept ?? "").includes("text/html");
      if (!navigates || !page) return reply.callNotFound();
      return reply.header("cache-control", "no-cache").sendFile("index.html");
    });
  });
}
