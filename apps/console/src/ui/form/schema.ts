/** A schema as far as forms need one: it says what is wrong where, or gives the body in its own type. */
import type { Faults } from "./field.ts";

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

export interface Schema<Body> {
  safeParse(
    value: unknown,
  ):
    | { readonly success: true; readonly data: Body }
    | { readonly success: false; readonly error: { readonly issues: readonly Issue[] } };
}

/** What `schema` says of `body`, by path. */
export function schemaFaults(schema: Schema<unknown>, body: unknown): Faults {
  const parsed = schema.safeParse(body);
  const faults: Record<string, string> = {};
  if (!parsed.success)
    for (const { path, message } of parsed.error.issues) faults[path.map(String).join(".")] ??= message;
  return faults;
}
