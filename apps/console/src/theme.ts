/**
 * The look of the console as data: colours of the light and the dark theme, sizes, and the style sheet made of them.
 * Grey is normal and colour is abnormal (ISA-101); every pair of text and ground meets WCAG 2.2 AA, which theme.test.ts proves.
 */

export type Scheme = "light" | "dark";

export interface Palette {
  /** Behind everything. */
  readonly canvas: string;
  /** Tables, forms, drawers. */
  readonly surface: string;
  /** Table heads, code, tracks. */
  readonly sunken: string;
  readonly hover: string;
  readonly selected: string;
  /** 1 px lines between things. */
  readonly rule: string;
  /** Edges of controls: 3:1 against every ground (WCAG 1.4.11). */
  readonly edge: string;
  readonly text: string;
  readonly dimmed: string;
  /** Links, focus and the one primary action. */
  readonly accent: string;
  readonly accentFilled: string;
  readonly accentFilledHover: string;
  readonly onFilled: string;
  readonly attention: string;
  readonly critical: string;
  readonly criticalFilled: string;
  readonly criticalFilledHover: string;
  /** At most four series, told apart in greyscale too. */
  readonly series: readonly [string, string, string, string];
  readonly band: string;
  readonly land: string;
}

export const PALETTES: Readonly<Record<Scheme, Palette>> = {
  light: {
    canvas: "#f3f4f6",
    surface: "#ffffff",
    sunken: "#eceff2",
    hover: "#f0f3f6",
    selected: "#dce8f5",
    rule: "#d8dde2",
    edge: "#77828c",
    text: "#1a2026",
    dimmed: "#525d67",
    accent: "#0a56a0",
    accentFilled: "#0a56a0",
    accentFilledHover: "#084785",
    onFilled: "#ffffff",
    attention: "#854d00",
    critical: "#ad121d",
    criticalFilled: "#ad121d",
    criticalFilledHover: "#8f0e17",
    series: ["#0a56a0", "#77828c", "#a85f00", "#3d2a73"],
    band: "#c3d7ec",
    land: "#dfe3e7",
  },
  dark: {
    canvas: "#12161a",
    surface: "#1a1f24",
    sunken: "#22282e",
    hover: "#232a31",
    selected: "#1d3a56",
    rule: "#313941",
    edge: "#7c8791",
    text: "#e3e7ea",
    dimmed: "#a7b1ba",
    accent: "#79b8f3",
    accentFilled: "#2a70b6",
    accentFilledHover: "#215d9a",
    onFilled: "#ffffff",
    attention: "#efb14d",
    critical: "#ff8a80",
    criticalFilled: "#c2323b",
    criticalFilledHover: "#a8252e",
    series: ["#79b8f3", "#8d98a2", "#efb14d", "#e9dfff"],
    band: "#28425c",
    land: "#2f373f",
  },
};

/** Heights in CSS pixels. Rows are dense and still; the header of a table is as high as a row. */
export const ROW_HEIGHT = 34;

/** The one typeface: the reader's own system's. Canvas drawings take it from here, everything else from the style sheet. */
export const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif';
const MONO = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace';

/** The style sheet of both themes: this project's `--hf-` variables, and the component library's set from them. */
export function themeCss(): string {
  return [
    `:root { ${declarations({
      "--hf-row-height": `${ROW_HEIGHT}px`,
      "--hf-font": FONT,
      "--hf-mono": MONO,
      "--mantine-font-family": FONT,
      "--mantine-font-family-headings": FONT,
      "--mantine-font-family-monospace": MONO,
      "--mantine-font-size-xs": "13px",
      "--mantine-font-size-sm": "14px",
      "--mantine-radius-default": "4px",
      "--mantine-line-height": "1.45",
    })} }`,
    ...(["light", "dark"] as const).map(
      (scheme) =>
        `:root[data-mantine-color-scheme="${scheme}"] { color-scheme: ${scheme}; ${declarations(variables(PALETTES[scheme]))} }`,
    ),
  ].join("\n");
}

function variables(palette: Palette): Record<string, string> {
  const own = Object.fromEntries(
    Object.entries(palette).flatMap(([name, value]: [string, string | readonly string[]]) =>
      typeof value === "string"
        ? [[`--hf-${kebab(name)}`, value]]
        : value.map((colour, i) => [`--hf-${kebab(name)}-${i + 1}`, colour]),
    ),
  );
  const library = {
    "--mantine-color-body": palette.surface,
    "--mantine-color-text": palette.text,
    "--mantine-color-bright": palette.text,
    "--mantine-color-dimmed": palette.dimmed,
    "--mantine-color-placeholder": palette.dimmed,
    "--mantine-color-anchor": palette.accent,
    "--mantine-color-error": palette.critical,
    "--mantine-color-default": palette.surface,
    "--mantine-color-default-hover": palette.hover,
    "--mantine-color-default-color": palette.text,
    "--mantine-color-default-border": palette.edge,
    "--mantine-color-disabled": palette.sunken,
    "--mantine-color-disabled-color": palette.dimmed,
    "--mantine-color-disabled-border": palette.rule,
  };
  return {
    ...own,
    ...library,
    ...tone("blue", palette.accentFilled, palette.accentFilledHover, palette.accent, palette),
    ...tone("red", palette.criticalFilled, palette.criticalFilledHover, palette.critical, palette),
    ...greys(palette),
    ...tone("gray", palette.sunken, palette.hover, palette.text, palette),
    ...Object.fromEntries(
      Object.entries(
        tone("primary-color", palette.accentFilled, palette.accentFilledHover, palette.accent, palette),
      ).map(([name, value]) => [name.replace("--mantine-color-primary-color", "--mantine-primary-color"), value]),
    ),
  };
}

/** The library's grey scales, light to dark and dark to light: its borders, hovers and inputs take steps of them. */
function greys(palette: Palette): Record<string, string> {
  const { text, dimmed, edge, rule, hover, surface, sunken, canvas } = palette;
  const scales = {
    gray: [hover, hover, rule, rule, edge, dimmed, dimmed, dimmed, text, text],
    dark: [text, text, dimmed, dimmed, edge, hover, surface, surface, sunken, canvas],
  };
  return Object.fromEntries(
    Object.entries(scales).flatMap(([name, steps]) =>
      steps.map((colour, i) => [`--mantine-color-${name}-${i}`, colour] as const),
    ),
  );
}

function tone(
  name: string,
  filled: string,
  filledHover: string,
  ink: string,
  palette: Palette,
): Record<string, string> {
  return {
    [`--mantine-color-${name}-filled`]: filled,
    [`--mantine-color-${name}-filled-hover`]: filledHover,
    [`--mantine-color-${name}-light`]: palette.sunken,
    [`--mantine-color-${name}-light-hover`]: palette.hover,
    [`--mantine-color-${name}-light-color`]: ink,
    [`--mantine-color-${name}-outline`]: ink,
    [`--mantine-color-${name}-outline-hover`]: palette.hover,
  };
}

function declarations(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}: ${value};`)
    .join(" ");
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
