import { strict as assert } from "node:assert";
import { test } from "node:test";
import fc from "fast-check";
import { gs1CheckDigit, leiCheckDigits, parseEccn, parseGln, parseGtin, parseHsCode, parseLei } from "./identifier.ts";

test("accepts published LEIs, in any case and with spaces, and gives capitals (ISO 17442-1)", () => {
  assert.equal(parseLei("5493001KJTIIGC8Y1R12"), "5493001KJTIIGC8Y1R12");
  assert.equal(parseLei("506700ge1g29325qx363"), "506700GE1G29325QX363");
  assert.equal(parseLei(" 7LTW FZYI CNSX 8D62 1K86 "), "7LTWFZYICNSX8D621K86");
});

test("refuses an LEI with a wrong check digit, length or character (ISO/IEC 7064 MOD 97-10)", () => {
  for (const bad of [
    "5493001KJTIIGC8Y1R13",
    "5493001KJTIIGC8Y1R1",
    "5493001KJTIIGC8Y1R122",
    "5493001KJTIIGC8Y1Rxx",
    "549300ÄKJTIIGC8Y1R12",
    "",
  ])
    assert.equal(parseLei(bad), undefined, bad);
});

const lei18 = fc.stringMatching(/^[0-9A-Z]{18}$/);

test("completes any 18 characters to an LEI, and finds every digit or letter taken for another of its kind", () => {
  fc.assert(
    fc.property(lei18, fc.nat(19), fc.stringMatching(/^[0-9A-Z]$/), (first18, at, other) => {
      const lei = first18 + leiCheckDigits(first18);
      assert.equal(parseLei(lei), lei);
      const changed = lei.slice(0, at) + other + lei.slice(at + 1);
      const ofOneKind = /\d/.test(other) === /\d/.test(lei.charAt(at)); // a letter for a digit shifts the number by a place
      if (changed !== lei && ofOneKind) assert.equal(parseLei(changed), undefined);
    }),
  );
});

test("accepts the GS1 example keys and refuses their neighbours (General Specifications 7.9.1)", () => {
  assert.equal(gs1CheckDigit("629104150021"), "3");
  assert.equal(parseGln("6291041500213"), "6291041500213");
  assert.equal(parseGln("6291041500214"), undefined);
  assert.equal(parseGln("629104150021"), undefined);
  assert.equal(parseGtin("96385074"), "96385074");
  assert.equal(parseGtin("036000291452"), "036000291452");
  assert.equal(parseGtin("10614141999993"), "10614141999993");
  assert.equal(parseGtin("963850741"), undefined);
});

test("takes HS codes of 6, 8 and 10 digits, with or without points", () => {
  assert.equal(parseHsCode("8112.92"), "811292");
  assert.equal(parseHsCode("8505.11.00"), "85051100");
  assert.equal(parseHsCode("2805 30 1000"), "2805301000");
  for (const bad of ["8112", "81129", "8112922", "000001", "770100", "810092", "ab1292"])
    assert.equal(parseHsCode(bad), undefined, bad);
});

test("takes ECCNs with their paragraphs, and EAR99 (15 CFR 774 supplement 1)", () => {
  assert.equal(parseEccn("3a001.B.2"), "3A001.b.2");
  assert.equal(parseEccn("1C117"), "1C117");
  assert.equal(parseEccn("ear 99"), "EAR99");
  for (const bad of ["3F001", "A3001", "3A01", "3A001.", "3A001..b", "EAR98", ""])
    assert.equal(parseEccn(bad), undefined, bad);
});
