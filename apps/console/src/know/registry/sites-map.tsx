/** The sites that have a position, from the node's GeoJSON (RFC 7946), on the world map. */
import { registry } from "@holdfast/api";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { type MapPlace, WorldMap } from "../../chart/world-map.tsx";
import { api } from "../../shell/api.ts";
import { stateOf } from "../../shell/queries.ts";
import { tierTone } from "../looks.ts";
import { placesOf } from "./site-places.ts";
import { listQuery } from "./list-query.ts";
import styles from "./sites-map.module.css";

interface SiteFilters {
  readonly kind: (typeof registry.SITE_KINDS)[number] | undefined;
  readonly country: string | undefined;
  readonly tier: "1" | "2" | "3" | undefined;
  readonly asOf: string | undefined;
}

export function SitesMap({
  filters,
  text,
  controls,
}: {
  filters: SiteFilters;
  text: string | undefined;
  controls: ReactNode;
}) {
  const { limit: _, ...query } = listQuery(text, filters);
  const asked = useQuery({
    queryKey: [registry.sitesGeoJson.id, query],
    queryFn: async ({ signal }): Promise<MapPlace[]> => {
      const response = await api.download(registry.sitesGeoJson, { query }, { signal });
      return placesOf(await response.json(), tierTone);
    },
  });
  return (
    <>
      <div className={styles.controls}>{controls}</div>
      <WorldMap
        title="Where the sites are"
        meaning="Sites without a position are in the table only. Diamonds are critical, triangles important."
        state={stateOf(asked)}
        empty="No site that fits these filters has a position."
      />
    </>
  );
}
