import assert from "node:assert/strict";
import { test } from "node:test";
import { PALETTES, type Palette, type Scheme, themeCss } from "./theme.ts";

/** Relative luminance of an sRGB colour, WCAG 2.2. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!; // the map has three entries
}

function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light! + 0.05) / (dark! + 0.05); // the pair has two entries
}

const GROUNDS = ["canvas", "surface", "sunken", "hover", "selected"] as const satisfies (keyof Palette)[];
const INKS = ["text", "dimmed", "accent", "attention", "critical"] as const satisfies (keyof Palette)[];

for (const scheme of ["light", "dark"] as const satisfies Scheme[]) {
  const palette = PALETTES[scheme];
  test(`every text of the ${scheme} theme has 4.5:1 on every ground (WCAG 2.2 1.4.3)`, () => {
    for (const ink of INKS)
      for (const ground of GROUNDS) {
        const ratio = contrast(palette[ink], palette[ground]);
        assert.ok(ratio >= 4.5, `${ink} on ${ground} is ${ratio.toFixed(2)}:1`);
      }
    for (const filled of ["accentFilled", "accentFilledHover", "criticalFilled", "criticalFilledHover"] as const)
      assert.ok(contrast(palette.onFilled, palette[filled]) >= 4.5, `text on ${filled}`);
  });

  test(`every control, series and state of the ${scheme} theme has 3:1 on its ground (WCAG 2.2 1.4.11)`, () => {
    for (const colour of [palette.edge, palette.accentFilled, ...palette.series])
      for (const ground of [palette.canvas, palette.surface]) {
        const ratio = contrast(colour, ground);
        assert.ok(ratio >= 3, `${colour} on ${ground} is ${ratio.toFixed(2)}:1`);
      }
  });

  test(`the ${scheme} theme's neighbouring series differ in lightness, for greyscale print`, () => {
    const sorted = palette.series.map(luminance).sort((a, b) => a - b);
    for (let i = 1; i < sorted.length; i++) assert.ok(sorted[i]! - sorted[i - 1]! > 0.02, `${palette.series}`); // within
  });
}

test("both themes' style sheets set the same variables", () => {
  const [, light, dark] = themeCss().split("\n");
  const names = (rule: string | undefined) => [...(rule ?? "").matchAll(/(--[\w-]+):/g)].map((match) => match[1]);
  assert.ok(names(light).length > 40);
  assert.deepEqual(names(light), names(dark));
});
