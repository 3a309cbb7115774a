/** Serves import and export: contract in, rules, contract out. */
import { Readable } from "node:stream";
import type { Resource } from "@holdfast/access";
import { exchange as contract } from "@holdfast/api";
import { Problem } from "@holdfast/kernel";
import type { Call, Server } from "../../platform/server.ts";
import { acceptStreams } from "../../platform/server.ts";
import type { Registry } from "../registry/index.ts";
import type { ImportDesk } from "./import-desk.ts";
import { type FindingPlace, type ImportRecord, listFindings, listImports, type PlacedFinding } from "./store.ts";
import { exportTable } from "./table-export.ts";

type NoTables = Record<never, never>; // the statements name their tables themselves

export interface ExchangeParts {
  readonly desk: ImportDesk;
  readonly registry: Registry;
}

export function exchangeRoutes(server: Server, parts: ExchangeParts): void {
  acceptStreams(server.fastify, contract.UPLOAD_TYPES);
  serveImports(server, parts);
  serveReports(server, parts);
  serveExports(server, parts);
}

function serveImports(server: Server, { desk }: ExchangeParts): void {
  server.serve(contract.listImports, async (call) => {
    call.authorise();
    const { limit, after } = call.query;
    const rows = await listImports(desk.db, { limit: limit + 1, after: uuidToken(after) });
    const shown = rows.slice(0, limit);
    return { items: shown.map(importOf), next: rows.length > limit ? (shown.at(-1)?.id ?? null) : null };
  });
  server.serve(contract.createImport, async (call) => {
    call.authorise();
    const { fileName, as } = call.query;
    const record = await desk.stage({
      stream: call.upload,
      fileName,
      as,
      principal: call.principal,
      idempotencyKey: keyOf(call.headers["idempotency-key"]),
    });
    return importOf(record);
  });
  server.serve(contract.getImport, async (call) => {
    call.authorise(resourceOf(call));
    return importOf(await desk.get(call.params.importId));
  });
  server.serve(contract.analyseImport, async (call) => {
    call.authorise(resourceOf(call));
    const { format, analysis } = await desk.get(call.params.importId);
    return { format, delimiter: analysis.delimiter, sheets: [...analysis.sheets] };
  });
  server.serve(contract.configureImport, async (call) => {
    call.authorise(resourceOf(call));
    return importOf(
      await desk.configure(call.tx<NoTables>(), call.params.importId, { options: call.body, expected: call.ifMatch }),
    );
  });
  server.serve(contract.runImport, async (call) => {
    call.authorise(resourceOf(call));
    return {
      jobId: await desk.run(call.tx<NoTables>(), call.params.importId, {
        mode: call.body.mode,
        principal: call.principal,
      }),
    };
  });
  server.serve(contract.deleteImport, async (call) => {
    call.authorise(resourceOf(call));
    await desk.delete(call.params.importId);
    return undefined;
  });
}

const BEGINNING: FindingPlace = { sheetIndex: -1, row: 0, sequence: 0 };
const FINDINGS_PER_READ = 1_000;

function serveReports(server: Server, { desk }: ExchangeParts): void {
  server.serve(contract.listFindings, async (call) => {
    call.authorise(resourceOf(call));
    const { id } = await desk.get(call.params.importId);
    const { limit, after } = call.query;
    const rows = await listFindings(desk.db, id, {
      limit: limit + 1,
      after: after === undefined ? BEGINNING : findingToken(after),
    });
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return {
      items: shown.map(findingOf),
      next: rows.length > limit && last ? `${last.sheetIndex}.${last.row}.${last.sequence}` : null,
    };
  });
  server.serve(contract.downloadFindings, async (call) => {
    call.authorise(resourceOf(call));
    const { id, fileName } = await desk.get(call.params.importId);
    offer(call, `report-${fileName.replace(/\.[^.]*$/, "")}.csv`);
    return Readable.from(reportLines(desk, id));
  });
}

const REPORT_COLUMNS = ["sheet", "table", "row", "column", "value", "level", "rule", "message"] as const;

async function* reportLines(desk: ImportDesk, id: string): AsyncGenerator<string> {
  yield contract.BYTE_ORDER_MARK + contract.csvLine(REPORT_COLUMNS);
  let after: FindingPlace = BEGINNING;
  for (;;) {
    const rows = await listFindings(desk.db, id, { limit: FINDINGS_PER_READ, after });
    yield rows
      .map((row) => contract.csvLine(REPORT_COLUMNS.map((name) => contract.safeCell(String(row[name] ?? "")))))
      .join("");
    const last = rows.at(-1);
    if (!last || rows.length < FINDINGS_PER_READ) return;
    after = last;
  }
}

function serveExports(server: Server, { registry }: ExchangeParts): void {
  server.serve(contract.exportTable, async (call) => {
    call.authorise();
    const { table } = call.params;
    offer(call, `${table}.csv`);
    return exportTable(registry, table, call.query.asOf === undefined ? undefined : new Date(call.query.asOf));
  });
  server.serve(contract.workbookTemplate, async (call) => {
    call.authorise();
    offer(call, "holdfast-template.xlsx");
    return Readable.from([Buffer.from(contract.workbookTemplateOf())]);
  });
  server.serve(contract.csvTemplate, async (call) => {
    call.authorise();
    offer(call, `${call.params.table}.csv`);
    return Readable.from([contract.csvTemplateOf(call.params.table)]);
  });
}

/** Makes the answer a file; RFC 6266 with the name in RFC 8187's form, so that any name is safe in a header. */
function offer(call: Pick<Call<unknown>, "setHeader">, fileName: string): void {
  const encoded = encodeURIComponent(fileName.toWellFormed()).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  call.setHeader("content-disposition", `attachment; filename*=UTF-8''${encoded}`);
}

function resourceOf({ params }: { params: { importId: string } }): Resource {
  return { type: "Import", id: params.importId };
}

function keyOf(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (typeof header !== "string" || header.length === 0 || header.length > 200)
    throw new Problem("http/bad-request", "an Idempotency-Key has 1 to 200 characters");
  return header;
}

function badToken(): Problem {
  return new Problem("http/bad-request", "`after` is not the `next` of a page of this list");
}

function uuidToken(after: string | undefined): string | undefined {
  if (after !== undefined && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(after)) throw badToken();
  return after;
}

function findingToken(after: string): FindingPlace {
  const match = /^(\d{1,4})\.(\d{1,9})\.(\d{1,9})$/.exec(after);
  if (!match) throw badToken();
  return { sheetIndex: Number(match[1]), row: Number(match[2]), sequence: Number(match[3]) };
}

function importOf(record: ImportRecord): contract.FileImport {
  const { id, version, fileName, format, sizeBytes, sha256, options, run, hasFile, createdByName, createdAt } = record;
  return {
    id,
    version,
    fileName,
    format,
    sizeBytes,
    sha256,
    options,
    run,
    hasFile,
    createdByName,
    createdAt: createdAt.toISOString(),
  };
}

function findingOf({ level, sheet, table, row, column, value, rule, message }: PlacedFinding): contract.Finding {
  return { level, sheet, table, row, column, value, rule, message };
}
