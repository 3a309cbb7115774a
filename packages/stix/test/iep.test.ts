import { strict as assert } from "node:assert";
import { test } from "node:test";
import { unwrap } from "@holdfast/kernel";
import { combineIep, IEP_EXTENSION, type Iep, iepOfMarking, isInForce, isStixObject, parseIep } from "../src/index.ts";
import { versioned } from "./sample.ts";

const policy = (own: Record<string, unknown> = {}) => ({
  id: "0b6d1f2e-0000-4000-8000-000000000001",
  name: "sector policy",
  description: "d",
  iep_version: "2.0",
  start_date: "2024-01-01T00:00:00Z",
  end_date: null,
  encrypt_in_transit: "may",
  permitted_actions: "internally-visible-actions",
  affected_party_notifications: "may",
  tlp: "green",
  attribution: "may",
  unmodified_resale: "must-not",
  ...own,
});
const read = (own: Record<string, unknown> = {}): Iep => unwrap(parseIep(policy(own)));

test("reads FIRST's spelling and that of the STIX extension alike", () => {
  const { attribution, id, ...rest } = policy({ iep_version: 2 });
  const spelled = { ...rest, extension_type: "property-extension", iep_id: id, provider_attribution: attribution };
  const marking = versioned("marking-definition", { extensions: { [IEP_EXTENSION]: spelled } });
  assert.ok(isStixObject(marking));
  assert.deepEqual(unwrap(iepOfMarking(marking)), read());
  assert.equal(read({ tlp: "white" }).tlp, "clear");
  const other = versioned("marking-definition");
  assert.ok(isStixObject(other));
  assert.equal(unwrap(iepOfMarking(other)), undefined);
});

test("refuses unknown terms, other versions and malformed dates", () => {
  for (const own of [
    { tlp: "blue" },
    { attribution: undefined },
    { iep_version: "1.0" },
    { start_date: "soon" },
    { name: 5 },
    { permitted_actions: "all" },
  ]) {
    const parsed = parseIep(policy(own));
    assert.equal(parsed.ok ? "" : parsed.problem.code, "stix/iep");
  }
  assert.equal(parseIep(null).ok, false);
});

test("combines to the strictest of each term, and refuses a contradiction", () => {
  const open = read({
    encrypt_in_transit: "may",
    permitted_actions: "externally-visible-direct-actions",
    tlp: "clear",
    unmodified_resale: "may",
  });
  const strict = read({
    encrypt_in_transit: "must",
    permitted_actions: "none",
    tlp: "red",
    affected_party_notifications: "must-not",
    attribution: "must",
  });
  const combined = unwrap(combineIep([open, strict, open]));
  assert.deepEqual(combined, {
    encryptInTransit: "must",
    permittedActions: "none",
    affectedPartyNotifications: "must-not",
    tlp: "red",
    attribution: "must",
    unmodifiedResale: "must-not",
  });
  assert.equal(combineIep([strict, read({ attribution: "must-not" })]).ok, false);
  assert.equal(combineIep([]).ok, false);
});

test("is in force from its start until before its end", () => {
  const limited = read({ end_date: "2025-01-01T00:00:00Z" });
  assert.equal(isInForce(limited, "2023-12-31T23:59:59Z"), false);
  assert.equal(isInForce(limited, "2024-01-01T00:00:00.000Z"), true);
  assert.equal(isInForce(limited, "2025-01-01T00:00:00Z"), false);
  assert.equal(isInForce(read(), "2099-01-01T00:00:00Z"), true);
});
