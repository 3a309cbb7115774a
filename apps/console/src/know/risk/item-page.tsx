/** One item: where it comes from, down to the raw materials, who makes it, and how concentrated that is. */
import { registry } from "@holdfast/api";
import { getRouteApi } from "@tanstack/react-router";
import { useAnswer, useListing } from "../../shell/queries.ts";
import { defined } from "../../shell/search-params.ts";
import { useSearchChange } from "../../shell/table-search.ts";
import { Loaded } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { AsOfBanner, AsOfControl, withAsOf } from "../as-of/as-of.tsx";
import { ObjectActions } from "../form/object-actions.tsx";
import { History } from "../registry/history.tsx";
import { NetworkAround } from "../registry/network-around.tsx";
import { MergedNote, objectState } from "../registry/object-page.tsx";
import { ItemFacts } from "./item-facts.tsx";
import { Makers } from "./makers.tsx";
import { Origin } from "./origin.tsx";

const route = getRouteApi("/shell/know/items/$itemId");

export function ItemPage() {
  const { itemId } = route.useParams();
  const { tab = "origin", site, level = "materials", asOf, ...view } = route.useSearch();
  const change = useSearchChange();
  const { state, etag } = useAnswer(registry.items.get, { params: { id: itemId }, query: defined({ asOf }) });
  const item = state.kind === "ready" ? state.value : undefined;
  return (
    <Page
      breadcrumbs={[{ label: "Items", href: withAsOf("/know/items", asOf) }]}
      title={item ? `Where does ${item.name} come from?` : "Item"}
      state={item && objectState(item)}
      meaning={
        item &&
        `A ${item.kind}; unit: ${registry.UNITS[item.unit]}${item.lists.length > 0 ? `; on ${item.lists.join(", ")}` : ""}.`
      }
      actions={
        <>
          <AsOfControl />
          {item && asOf === undefined && (
            <ObjectActions kind="item" id={itemId} name={item.name} state={item.state} etag={etag} />
          )}
        </>
      }
    >
      <AsOfBanner except="Its history is that of now." />
      <Loaded state={state} lines={8}>
        {(loaded) => (
          <>
            <MergedNote object={loaded} href={(id) => `/know/items/${id}`} />
            <Tabs
              label="Item"
              tabs={[
                { name: "origin", label: "Where it comes from" },
                { name: "network", label: "Network" },
                { name: "makers", label: "Who makes it" },
                { name: "facts", label: "Facts" },
                { name: "history", label: "History" },
              ]}
              chosen={tab}
              onChoose={(name) =>
                change({
                  tab: name === "origin" ? undefined : name,
                  filter: undefined,
                  sort: undefined,
                  row: undefined,
                })
              }
            >
              {tab === "origin" && (
                <Origin
                  item={loaded}
                  site={site}
                  level={level}
                  view={view}
                  onView={(next) => change({ ...next })}
                  onSite={(next) => change({ site: next })}
                  onLevel={(next) => change({ level: next, filter: undefined, sort: undefined, row: undefined })}
                />
              )}
              {tab === "network" && <NetworkAround of={{ item: itemId }} name={loaded.name} upstreamAtFirst={1} />}
              {tab === "makers" && <Makers itemId={itemId} view={view} onView={(next) => change({ ...next })} />}
              {tab === "facts" && <ItemFacts item={loaded} />}
              {tab === "history" && <ItemHistory itemId={itemId} />}
            </Tabs>
          </>
        )}
      </Loaded>
    </Page>
  );
}

function ItemHistory({ itemId }: { itemId: string }) {
  return <History kind="item" id={itemId} listing={useListing(registry.items.history, { params: { id: itemId } })} />;
}
