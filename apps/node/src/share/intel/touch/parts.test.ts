/** The pure parts of the join: decay after MISP's published figures, warninglists, versions of documents, distances. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { compareVersionTexts } from "../documents.ts";
import { compileWarninglist, readWarninglist } from "../warninglist.ts";
import { decayedScore } from "./decay.ts";
import { vendorKey } from "./fold.ts";
import { distanceKm } from "./judge.ts";

const DAY_MS = 86_400_000;

test("a score decays as MISP's polynomial: the phishing model halves after 0.61 days and is gone after three", () => {
  const model = { lifetimeDays: 3, speed: 2.3, threshold: 30 };
  const after = (days: number) => decayedScore(80, model, new Date(0), new Date(days * DAY_MS));
  assert.equal(after(0), 80);
  assert.ok(Math.abs(after(0.61) - 40) < 0.3);
  assert.equal(after(3), 0);
  assert.equal(after(30), 0);
  assert.equal(after(-1), 80, "a time in the future counts as none passed");
});

test("warninglists hit exactly, by parent domain, by network, by substring and by expression", () => {
  const hits = (type: string, list: string[], value: string) =>
    compileWarninglist(readWarninglist({ name: "x", type, version: 1, list }))(value);
  assert.ok(hits("string", ["3::", "Abc"], "abc"));
  assert.ok(hits("hostname", [".example.com"], "https://a.b.example.com/x?y"));
  assert.ok(!hits("hostname", ["example.com"], "notexample.com"));
  assert.ok(hits("cidr", ["10.0.0.0/8", "192.0.2.7", "2001:db8::/32"], "10.255.0.1"));
  assert.ok(hits("cidr", ["192.0.2.7"], "192.0.2.7"));
  assert.ok(hits("cidr", ["2001:db8::/32"], "2001:db8:1::5"));
  assert.ok(!hits("cidr", ["10.0.0.0/8"], "11.0.0.1"));
  assert.ok(hits("substring", ["Mail."], "xmail.example"));
  assert.ok(hits("regex", ["/^goo+gle\\./i"], "GOOOGLE.example"));
  assert.ok(
    !hits("regex", ["(a+)+$", "["], `${"a".repeat(40)}!`),
    "in bounded time, and one that cannot be read is left out",
  );
});

test("versions of documents compare as integers and as semantic versions, a draft before its release", () => {
  assert.ok(compareVersionTexts("10", "9") > 0);
  assert.ok(compareVersionTexts("1.10.0", "1.9.9") > 0);
  assert.ok(compareVersionTexts("2.0.0-rc1", "2.0.0") < 0);
  assert.equal(compareVersionTexts("1.0", "1"), 0);
});

test("vendors are one without case, legal form and other known names", () => {
  assert.equal(vendorKey("SIEMENS AG").key, vendorKey("Siemens").key);
  assert.deepEqual(vendorKey("Allen-Bradley"), { key: "rockwell automation", isAlias: true });
});

test("a distance is that of the great circle", () => {
  const km = distanceKm({ latitude: 0, longitude: 179.5 }, { latitude: 0, longitude: -179.5 });
  assert.ok(Math.abs(km - 111.195) < 0.01, "over the date line");
});
