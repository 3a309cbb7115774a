/** Gives forms the registry's objects and the minerals to choose from. */
import { mineral, registry } from "@holdfast/api";
import type { ReactNode } from "react";
import { api, queryClient } from "../../shell/api.ts";
import { type Reference, type References, ReferencesContext } from "../../ui/form/reference-field.tsx";
import { countryName } from "../country-name.ts";

const SHOWN = 20; // of what fits; another letter narrows it

async function minerals(): Promise<readonly Reference[]> {
  const { body } = await queryClient.fetchQuery({
    queryKey: [mineral.listMinerals.id, {}],
    queryFn: () => api.call(mineral.listMinerals, {}),
    staleTime: Infinity, // published figures
  });
  return body.items.map(({ id, name, series }) => ({
    id,
    label: name,
    detail: [...new Set(series.map(({ stage }) => stage))].join(", "),
  }));
}

/** The first of a kind by name, for a field in which nothing was typed yet. */
async function first(to: string, signal: AbortSignal): Promise<readonly Reference[]> {
  const query = { query: { limit: SHOWN } };
  switch (to) {
    case "organisation": {
      const { body } = await api.call(registry.organisations.list, query, { signal });
      return body.items.map(({ id, name, country }) => ({ id, label: name, detail: countryName(country) }));
    }
    case "site": {
      const { body } = await api.call(registry.sites.list, query, { signal });
      return body.items.map(({ id, name, kind, country }) => ({
        id,
        label: name,
        detail: `${kind}, ${countryName(country)}`,
      }));
    }
    default: {
      const { body } = await api.call(registry.items.list, query, { signal });
      return body.items.map(({ id, name, kind }) => ({ id, label: name, detail: kind }));
    }
  }
}

const ROUTES = {
  organisation: registry.organisations.get,
  site: registry.sites.get,
  item: registry.items.get,
} as const;

const REFERENCES: References = {
  find: async (to, text, signal) => {
    if (to === "mineral") {
      const wanted = text.toLowerCase();
      return (await minerals()).filter(({ label }) => label.toLowerCase().includes(wanted));
    }
    if (!/[\p{L}\p{N}]/u.test(text)) return first(to, signal);
    const kind = registry.objectKind.parse(to);
    const { body } = await api.call(
      registry.search,
      { query: { q: text.slice(0, 100), kind, limit: SHOWN } },
      { signal },
    );
    return body.hits.map(({ id, label, detail }) => ({ id, label, detail }));
  },
  label: async (to, id, signal) => {
    if (to === "mineral") return (await minerals()).find((one) => one.id === id)?.label;
    if (to !== "organisation" && to !== "site" && to !== "item") return undefined;
    return (await api.call(ROUTES[to], { params: { id } }, { signal })).body.name;
  },
};

export function WithReferences({ children }: { children: ReactNode }) {
  return <ReferencesContext value={REFERENCES}>{children}</ReferencesContext>;
}
