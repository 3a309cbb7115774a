/** One asset: what it is, where it stands, in which zone, and every version of that. */
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
import { ObjectFacts } from "./evidence.tsx";
import { History } from "./history.tsx";
import { commonFacts, objectState } from "./object-page.tsx";

const route = getRouteApi("/shell/know/assets/$assetId");

export function AssetPage() {
  const { assetId } = route.useParams();
  const { tab = "facts", asOf } = route.useSearch();
  const change = useSearchChange();
  const { state, etag } = useAnswer(registry.assets.get, { params: { id: assetId }, query: defined({ asOf }) });
  const asset = state.kind === "ready" ? state.value : undefined;
  return (
    <Page
      breadcrumbs={[{ label: "Assets", href: withAsOf("/know/assets", asOf) }]}
      title={asset?.name ?? "Asset"}
      state={asset && objectState(asset)}
      meaning={
        asset && (
          <>
            {asset.vendor} {asset.model} at{" "}
            <a href={withAsOf(`/know/sites/${asset.site}`, asOf)}>{asset.labels[asset.site] ?? "its site"}</a>
          </>
        )
      }
      actions={
        <>
          <AsOfControl />
          {asset && asOf === undefined && (
            <ObjectActions kind="asset" id={assetId} name={asset.name} state={asset.state} etag={etag} />
          )}
        </>
      }
    >
      <AsOfBanner except="Its history is that of now." />
      <Loaded state={state} lines={6}>
        {(loaded) => (
          <Tabs
            label="Asset"
            tabs={[
              { name: "facts", label: "Facts" },
              { name: "history", label: "History" },
            ]}
            chosen={tab}
            onChoose={(name) => change({ tab: name === "facts" ? undefined : name })}
          >
            {tab === "history" ? (
              <AssetHistory assetId={assetId} />
            ) : (
              <ObjectFacts
                id={loaded.id}
                label="Facts of the asset"
                evidence={loaded.facts}
                facts={[
                  { field: "vendor", label: "Vendor", value: loaded.vendor },
                  { field: "model", label: "Model", value: loaded.model },
                  { field: "firmware", label: "Firmware", value: loaded.firmware },
                  { field: "serial", label: "Serial", value: loaded.serial },
                  { field: "zone", label: "Zone", value: loaded.zone, hint: "IEC 62443-3-2 zone" },
                  {
                    field: "securityLevel",
                    label: "Target security level",
                    value: loaded.securityLevel,
                    hint: "IEC 62443-3-3, 0 to 4",
                  },
                  ...commonFacts(loaded),
                ]}
              />
            )}
          </Tabs>
        )}
      </Loaded>
    </Page>
  );
}

function AssetHistory({ assetId }: { assetId: string }) {
  return (
    <History kind="asset" id={assetId} listing={useListing(registry.assets.history, { params: { id: assetId } })} />
  );
}
