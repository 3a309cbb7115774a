/** Who supplies whom around a site, an item or an organisation. */
import { registry } from "@holdfast/api";
import { NumberInput } from "@mantine/core";
import { useState } from "react";
import { NODES_MAX } from "../../chart/network-layout.ts";
import { NetworkView } from "../../chart/network-view.tsx";
import { useAnswer } from "../../shell/queries.ts";
import { defined } from "../../shell/search-params.ts";
import { formatShare } from "../../ui/format.ts";
import { mapState } from "../../ui/load-state.ts";
import { useAsOf, withAsOf } from "../as-of/as-of.tsx";
import { countryName } from "../country-name.ts";
import { tierTone } from "../looks.ts";
import styles from "./sites-map.module.css";

export interface NetworkAroundProps {
  readonly of: { readonly site: string } | { readonly item: string } | { readonly organisation: string };
  readonly name: string;
  /** Steps up the chain to begin with: what is bought by many makers soon fills the picture. */
  readonly upstreamAtFirst?: number;
}

const STEPS_MAX = 20;

export function NetworkAround({ of, name, upstreamAtFirst = 2 }: NetworkAroundProps) {
  const [upstream, setUpstream] = useState(upstreamAtFirst);
  const [downstream, setDownstream] = useState(1);
  const asOf = useAsOf();
  const { state } = useAnswer(registry.network, {
    query: { ...of, upstream, downstream, limit: 2 * NODES_MAX, ...defined({ asOf }) },
  });
  const network = mapState(state, ({ nodes, edges }) => ({
    centre: nodes.find((node) => node.step === 0)?.id ?? "",
    nodes: nodes.map((node) => ({
      id: node.id,
      label: node.label,
      detail: `${node.kind}, ${countryName(node.country)}`,
      tone: tierTone(node.tier),
      href: withAsOf(`/know/sites/${node.id}`, asOf),
    })),
    links: edges.map((edge) => ({
      id: `${edge.recipe} ${edge.group} ${edge.from} ${edge.item}`,
      from: edge.from,
      to: edge.to,
      label: `${edge.itemLabel}, ${formatShare(edge.sharePpm)} %`,
    })),
  }));
  const isCut = state.kind === "ready" && state.value.truncated;
  return (
    <>
      <div className={styles.controls}>
        <NumberInput
          label="Steps up the chain"
          min={0}
          max={STEPS_MAX}
          value={upstream}
          onChange={(value) => setUpstream(Number(value) || 0)}
        />
        <NumberInput
          label="Steps down the chain"
          min={0}
          max={STEPS_MAX}
          value={downstream}
          onChange={(value) => setDownstream(Number(value) || 0)}
        />
      </div>
      <NetworkView
        title={`Who supplies whom around ${name}`}
        meaning={
          isCut ? "There are more sites than fit: take fewer steps." : "Shares are of each input's supply today."
        }
        state={network}
        empty="No recipe in the registry links it to another site."
      />
    </>
  );
}
