import { strict as assert } from "node:assert";
import { test } from "node:test";
import { Problem } from "@holdfast/kernel";
import fc from "fast-check";
import { hashPassword, isPassword, refuseWeakPassword } from "./password.ts";
import { addressBlock } from "../address-block.ts";

const owner = { name: "Ada Lovelace", email: "ada.lovelace@analytical.example" };

function ruleAgainst(password: string): unknown {
  try {
    refuseWeakPassword(password, owner);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof Problem && error.code === "account/weak-password");
    assert.ok(!error.message.includes(password), "a message must not repeat the password");
    return error.detail["rule"];
  }
}

test("refuses a password of fewer than five different characters", () => {
  assert.equal(ruleAgainst("aaaaaaaaaaaa"), "repeated");
  assert.equal(ruleAgainst("abcdabdcabcd"), "repeated");
  assert.equal(ruleAgainst("wbcxdabdcabe"), undefined);
});

test("refuses a short piece that is repeated, and takes one of six characters", () => {
  assert.equal(ruleAgainst("k7q2zk7q2zk7q2z"), "repeated");
  assert.equal(ruleAgainst("k7q2zmk7q2zm"), undefined);
});

test("refuses characters that follow each other in order", () => {
  for (const password of ["123456789012", "abcdefghijkl", "zyxwvutsrqpo", "abcdefghijklmnop!"])
    assert.equal(ruleAgainst(password), "sequence", password);
});

test("refuses the commonest passwords, with digits, signs or look-alikes about them", () => {
  for (const password of [
    "password1234",
    "Password2024!",
    "P@ssw0rd2024!",
    "pa55w0rd12345",
    "1234567qwerty",
    "qwertyuiop12",
    "iloveyou20242024",
    "Welcome12345!",
    "administrator",
    "correcthorsebatterystaple",
    "1q2w3e4r5t6y",
  ])
    assert.equal(ruleAgainst(password), "common", password);
});

test("refuses a password made of its owner's name or address", () => {
  for (const password of [
    "ada.lovelace@analytical.example",
    "AdaLovelace1815",
    "lovelace ada 12",
    "Analytical.Ada!",
    "holdfast-lovelace",
  ])
    assert.equal(ruleAgainst(password), "owner", password);
  assert.equal(ruleAgainst("ada walks in the rain"), undefined);
});

test("takes long passwords of any script and composition", () => {
  for (const password of [
    "a quiet harbour 17",
    "четыре зелёных лампы",
    "ряд волн у причала",
    "kw9-Rf2!xPq7",
    "雨上がりの静かな港の朝に歩く",
  ])
    assert.equal(ruleAgainst(password), undefined, password);
});

test("takes almost any random password of twelve characters", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-zA-Z0-9]{12}$/), (password) => {
      fc.pre(new Set(password.toLowerCase()).size >= 8);
      return ruleAgainst(password) === undefined;
    }),
  );
});

test("a hash is argon2id with OWASP's cost, and fits its password only, in any form of Unicode (NIST SP 800-63B 5.1.1.2)", async () => {
  const kept = await hashPassword("café au lait at dawn");
  assert.match(kept, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  assert.ok(await isPassword(kept, "café au lait at dawn".normalize("NFD")));
  assert.ok(!(await isPassword(kept, "cafe au lait at dawn")));
  assert.notEqual(await hashPassword("café au lait at dawn"), kept);
});

test("an absent account takes the time of a wrong password and has none", async () => {
  assert.ok(!(await isPassword(undefined, "nobody has this password")));
  const timed = async (kept: string | undefined) => {
    const from = performance.now();
    for (let i = 0; i < 5; i++) await isPassword(kept, "a wrong password");
    return performance.now() - from;
  };
  const kept = await hashPassword("a right password");
  const [wrong, absent] = [await timed(kept), await timed(undefined)];
  assert.ok(absent > wrong / 4, `absent ${absent} ms, wrong ${wrong} ms`);
});

test("throttles an IPv6 subscriber by the /64 and an IPv4 one by the address (RFC 6177)", () => {
  assert.equal(addressBlock("192.0.2.7"), "192.0.2.7");
  assert.equal(addressBlock("::ffff:192.0.2.7"), "192.0.2.7");
  assert.equal(addressBlock("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2");
  assert.equal(addressBlock("2001:0db8:0001:0002::9"), "2001:db8:1:2");
  assert.equal(addressBlock("2001:db8::1"), "2001:db8:0:0");
  assert.equal(addressBlock("::1"), "0:0:0:0");
  assert.equal(addressBlock("fe80::1%eth0"), "fe80:0:0:0");
});
