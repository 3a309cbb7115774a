/** The API's contract as a page that a person can read without a script: every operation, its action and its schemas. */
import type { Route } from "@holdfast/api";
import { openApi } from "@holdfast/api";

const STYLE =
  "body{font:14px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}code,pre{font:13px/1.45 ui-monospace,monospace}pre{background:#f4f4f5;padding:.75rem;overflow:auto}summary{cursor:pointer;padding:.3rem 0}h2{margin-top:2rem;font-size:1.1rem;border-bottom:1px solid #ddd}.m{display:inline-block;min-width:4.5rem;font-weight:600}@media(prefers-color-scheme:dark){body{color:#e6e6e6;background:#16181b}pre{background:#212429}h2{border-color:#333}a{color:#8ab4f8}}";

export function apiPage(routes: readonly Route[], version: string): string {
  const document = openApi(routes, { title: "Holdfast", version });
  const paths = document["paths"] as Record<string, Record<string, Record<string, unknown>>>; // openApi made it so
  const byTag = Map.groupBy(
    Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => ({ path, method, operation })),
    ),
    ({ operation }) => String((operation["tags"] as string[])[0]), // every route has one tag
  );
  const sections = [...byTag].map(
    ([tag, operations]) =>
      `<h2>${escape(tag)}</h2>${operations
        .map(
          ({ path, method, operation }) =>
            `<details id="${escape(String(operation["operationId"]))}"><summary><span class="m">${escape(method.toUpperCase())}</span> <code>${escape(path)}</code> ${escape(String(operation["summary"]))}</summary><p>Action: <code>${escape(String(operation["x-action"]))}</code></p><pre>${escape(JSON.stringify(operation, null, 2))}</pre></details>`,
        )
        .join("")}`,
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Holdfast API</title><style>${STYLE}</style></head><body><main><h1>Holdfast API</h1><p>${routes.length} operations. The machine-readable form is <a href="/api/openapi.json">OpenAPI 3.1</a>.</p>${sections.join("")}</main></body></html>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
