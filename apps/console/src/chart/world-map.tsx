/**
 * Places on the world map, gathered where they would overlap. Drag or arrow keys move, + and - zoom, a cluster opens into
 * its places, a place leads to its page. Its twin is a table of the same places.
 */
import { ActionIcon } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { IconMinus, IconPlus, IconWorld } from "@tabler/icons-react";
import { type KeyboardEvent, type PointerEvent, useMemo, useRef, useState } from "react";
import type { Column } from "../table/column.ts";
import type { LoadState } from "../ui/load-state.ts";
import type { Tone } from "../ui/state-badge.tsx";
import { ChartFrame } from "./chart-frame.tsx";
import { type Cluster, clustersOf, type Gaze, panBy, ZOOM_MAX, zoomAt } from "./clusters.ts";
import { ASPECT, type Land, landIn } from "./land.ts";
import styles from "./world-map.module.css";

export interface MapPlace {
  readonly id: string;
  readonly label: string;
  /** What it is, in words: kind, country, tier. */
  readonly detail: string;
  readonly tone: Tone;
  readonly longitude: number;
  readonly latitude: number;
  readonly href: string;
}

export interface WorldMapProps {
  readonly title: string;
  readonly meaning?: string;
  readonly state: LoadState<readonly MapPlace[]>;
  readonly empty: string;
}

const COLUMNS: readonly Column<MapPlace>[] = [
  { id: "label", header: "Name", value: (place) => place.label },
  { id: "detail", header: "What it is", value: (place) => place.detail },
  { id: "latitude", header: "Latitude", unit: "°", value: (place) => place.latitude, align: "end", width: 120 },
  { id: "longitude", header: "Longitude", unit: "°", value: (place) => place.longitude, align: "end", width: 120 },
];

const START: Gaze = { zoom: 1, x: 0, y: 0 };
const ZOOM_STEP = 2;
const PAN_STEP_PX = 80;

export function WorldMap({ title, meaning, state, empty }: WorldMapProps) {
  return (
    <ChartFrame
      title={title}
      meaning={meaning}
      state={state}
      empty={empty}
      columns={COLUMNS}
      rowId={(place) => place.id}
      href={(place) => place.href}
    >
      {(places) => <Picture title={title} places={places} />}
    </ChartFrame>
  );
}

function Picture({ title, places }: { title: string; places: readonly MapPlace[] }) {
  const { ref, width } = useElementSize();
  const height = Math.round(width * ASPECT);
  const [gaze, setGaze] = useState(START);
  const frame = useMemo(() => ({ width, height }), [width, height]);
  const land = useMemo(() => (width > 0 ? landIn(frame) : undefined), [width, frame]);
  const centre = { x: width / 2, y: height / 2 };
  const zoom = (factor: number) => setGaze(zoomAt(gaze, gaze.zoom * factor, centre, frame));
  const drag = useDrag((by) => setGaze((last) => panBy(last, by, frame)));
  const onKeyDown = (event: KeyboardEvent) => {
    const pan = {
      ArrowLeft: { x: PAN_STEP_PX, y: 0 },
      ArrowRight: { x: -PAN_STEP_PX, y: 0 },
      ArrowUp: { x: 0, y: PAN_STEP_PX },
      ArrowDown: { x: 0, y: -PAN_STEP_PX },
    }[event.key];
    if (pan) setGaze(panBy(gaze, pan, frame));
    else if (event.key === "+" || event.key === "=") zoom(ZOOM_STEP);
    else if (event.key === "-") zoom(1 / ZOOM_STEP);
    else return;
    event.preventDefault();
  };
  return (
    <div ref={ref} className={styles.holder} onKeyDown={onKeyDown}>
      {land && (
        <svg width={width} height={height} className={styles.map} role="group" aria-label={title} {...drag}>
          <g transform={`translate(${gaze.x} ${gaze.y}) scale(${gaze.zoom})`}>
            <path d={land.land} className={styles.land} />
            <path d={land.borders} className={styles.borders} vectorEffect="non-scaling-stroke" />
          </g>
          <Markers
            land={land}
            places={places}
            gaze={gaze}
            frame={frame}
            onOpen={(cluster) =>
              setGaze(
                zoomAt(
                  gaze,
                  gaze.zoom * 4,
                  { x: cluster.x * gaze.zoom + gaze.x, y: cluster.y * gaze.zoom + gaze.y },
                  frame,
                ),
              )
            }
          />
        </svg>
      )}
      <div className={styles.zoom}>
        <ActionIcon
          variant="default"
          aria-label="Zoom in"
          disabled={gaze.zoom >= ZOOM_MAX}
          onClick={() => zoom(ZOOM_STEP)}
        >
          <IconPlus size={14} aria-hidden />
        </ActionIcon>
        <ActionIcon
          variant="default"
          aria-label="Zoom out"
          disabled={gaze.zoom <= 1}
          onClick={() => zoom(1 / ZOOM_STEP)}
        >
          <IconMinus size={14} aria-hidden />
        </ActionIcon>
        <ActionIcon variant="default" aria-label="Whole world" disabled={gaze.zoom <= 1} onClick={() => setGaze(START)}>
          <IconWorld size={14} aria-hidden />
        </ActionIcon>
      </div>
    </div>
  );
}

interface MarkersProps {
  readonly land: Land;
  readonly places: readonly MapPlace[];
  readonly gaze: Gaze;
  readonly frame: { width: number; height: number };
  readonly onOpen: (cluster: Cluster<MapPlace>) => void;
}

function Markers({ land, places, gaze, frame, onOpen }: MarkersProps) {
  const placed = useMemo(
    () =>
      places.flatMap((place) => {
        const at = land.place(place);
        return at ? [{ place, ...at }] : [];
      }),
    [land, places],
  );
  const clusters = useMemo(() => clustersOf(placed, gaze.zoom), [placed, gaze.zoom]);
  return clusters.map((cluster) => {
    const x = cluster.x * gaze.zoom + gaze.x;
    const y = cluster.y * gaze.zoom + gaze.y;
    if (x < 0 || y < 0 || x > frame.width || y > frame.height) return null;
    const [only] = cluster.places;
    return only && cluster.places.length === 1 ? (
      <PlaceMarker key={cluster.id} place={only} x={x} y={y} />
    ) : (
      <ClusterMarker key={cluster.id} cluster={cluster} x={x} y={y} canOpen={gaze.zoom < ZOOM_MAX} onOpen={onOpen} />
    );
  });
}

function PlaceMarker({ place, x, y }: { place: MapPlace; x: number; y: number }) {
  return (
    <a
      href={place.href}
      aria-label={`${place.label}, ${place.detail}`}
      className={styles.marker}
      data-tone={place.tone}
    >
      <title>{`${place.label}\n${place.detail}`}</title>
      <circle cx={x} cy={y} r={12} className={styles.target} />
      {place.tone === "critical" ? (
        <path d={`M${x} ${y - 7}l7 7l-7 7l-7 -7Z`} />
      ) : place.tone === "attention" ? (
        <path d={`M${x} ${y - 7}l7 12h-14Z`} />
      ) : (
        <circle cx={x} cy={y} r={5} />
      )}
    </a>
  );
}

function ClusterMarker({
  cluster,
  x,
  y,
  canOpen,
  onOpen,
}: {
  cluster: Cluster<MapPlace>;
  x: number;
  y: number;
  canOpen: boolean;
  onOpen: (cluster: Cluster<MapPlace>) => void;
}) {
  const count = cluster.places.length;
  const critical = cluster.places.filter((place) => place.tone === "critical").length;
  const names = cluster.places.slice(0, 8).map((place) => place.label);
  const words = `${count} sites${critical > 0 ? `, ${critical} critical` : ""}`;
  return (
    <g
      role="button"
      tabIndex={0}
      aria-label={canOpen ? `${words}: zoom in` : words}
      aria-disabled={!canOpen}
      className={styles.cluster}
      data-tone={critical > 0 ? "critical" : "normal"}
      onClick={() => canOpen && onOpen(cluster)}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        if (canOpen) onOpen(cluster);
      }}
    >
      <title>{`${words}\n${names.join("\n")}${count > names.length ? "\n…" : ""}`}</title>
      <circle cx={x} cy={y} r={count > 99 ? 15 : 12} />
      <text x={x} y={y} dy="0.35em" textAnchor="middle">
        {count}
      </text>
      {critical > 0 && <path d={`M${x + 11} ${y - 15}l5 5l-5 5l-5 -5Z`} className={styles.flag} />}
    </g>
  );
}

/** Pointer drags as movements in pixels; a press that does not move stays a click. */
function useDrag(onMove: (by: { x: number; y: number }) => void) {
  const last = useRef<{ x: number; y: number }>(undefined);
  return {
    onPointerDown: (event: PointerEvent) => {
      last.current = { x: event.clientX, y: event.clientY };
    },
    onPointerMove: (event: PointerEvent<SVGSVGElement>) => {
      if (!last.current || (event.buttons & 1) === 0) return;
      const by = { x: event.clientX - last.current.x, y: event.clientY - last.current.y };
      if (!event.currentTarget.hasPointerCapture(event.pointerId)) {
        if (Math.hypot(by.x, by.y) < 4) return;
        event.currentTarget.setPointerCapture(event.pointerId);
      }
      last.current = { x: event.clientX, y: event.clientY };
      onMove(by);
    },
    onPointerUp: () => {
      last.current = undefined;
    },
  };
}
