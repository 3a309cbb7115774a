/** The sign of an item's unit, from the units that a list gives beside its rows. */
import { registry } from "@holdfast/api";

export function unitOf(units: Readonly<Record<string, string>>, item: string | undefined): string {
  const unit = registry.unit.safeParse(item === undefined ? undefined : units[item]).data;
  return unit === undefined ? "" : registry.UNITS[unit];
}
