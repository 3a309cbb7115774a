/** Everything that can be asked of a node, as `capability:verb`. Policies speak of these words and of nothing else. */

export const ACTIONS = [
  "system:read",
  "system:configure",
  "account:own",
  "people:read",
  "people:manage",
  "token:own",
  "decision:read",
  "job:read",
  "job:cancel",
  "registry:read",
  "registry:write",
  "registry:import",
  "registry:merge",
  "designation:read",
  "designation:propose",
  "designation:decide",
  "risk:read",
  "risk:manage",
  "risk:accept",
  "simulation:read",
  "simulation:run",
  "investment:read",
  "investment:plan",
  "mineral:read",
  "ledger:read",
  "ledger:document",
  "ledger:append",
  "ledger:operate",
  "thread:read",
  "thread:capture",
  "thread:subscribe",
  "custody:decide",
  "credential:read",
  "credential:receive",
  "credential:issue",
  "dossier:make",
  "intel:read",
  "intel:write",
  "intel:manage",
  "intel:exchange",
  "sharing:read",
  "sharing:agree",
  "sharing:share",
] as const;

export type Action = (typeof ACTIONS)[number];

export function isAction(text: string): text is Action {
  return (ACTIONS as readonly string[]).includes(text); // widened only to ask for membership
}
