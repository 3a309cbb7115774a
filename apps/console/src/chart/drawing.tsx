/** A canvas that ECharts draws on: follows its container's size and the theme, moves only where motion is welcome. */
import { useComputedColorScheme } from "@mantine/core";
import { useReducedMotion } from "@mantine/hooks";
import type { EChartsCoreOption, EChartsType } from "echarts/core";
import { useEffect, useRef, useState } from "react";
import { FONT, PALETTES, type Palette } from "../theme.ts";
import styles from "./drawing.module.css";

export interface DrawingProps {
  /** What the picture shows, for those who don't see it; the table twin has the figures. */
  readonly label: string;
  readonly height: number;
  readonly option: (palette: Palette) => EChartsCoreOption;
}

export function Drawing({ label, height, option }: DrawingProps) {
  const holder = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<EChartsType>();
  const palette = PALETTES[useComputedColorScheme("light")];
  const isStill = useReducedMotion();

  useEffect(() => {
    let isGone = false;
    let drawn: EChartsType | undefined;
    let observer: ResizeObserver | undefined;
    void import("./engine.ts").then(({ init }) => {
      if (isGone || !holder.current) return;
      drawn = init(holder.current);
      observer = new ResizeObserver(() => drawn?.resize());
      observer.observe(holder.current);
      setChart(drawn);
    });
    return () => {
      isGone = true;
      observer?.disconnect();
      drawn?.dispose();
    };
  }, []);
  useEffect(() => {
    chart?.setOption(
      {
        animation: !isStill,
        animationDuration: 200,
        textStyle: { fontFamily: FONT, fontSize: 12 },
        ...option(palette),
      },
      { notMerge: true },
    );
  }, [chart, option, palette, isStill]);

  return <div ref={holder} role="img" aria-label={label} className={styles.drawing} style={{ height }} />;
}

/** What every tooltip has in common: drawn on the canvas, since HTML ones carry inline styles. */
export function tooltip(palette: Palette) {
  return {
    renderMode: "richText",
    backgroundColor: palette.surface,
    borderColor: palette.edge,
    borderWidth: 1,
    textStyle: { color: palette.text, fontSize: 12 },
    confine: true,
  } as const;
}
