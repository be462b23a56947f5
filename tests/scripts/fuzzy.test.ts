import assert from "node:assert/strict";
import { test } from "node:test";

import { match, ranked } from "../../static/src/ts/fuzzy";

const labels = (query: string, ...given: string[]) =>
  ranked(query, given.map((label) => ({ label }))).map(({ entry }) => entry.label);

test("what begins with the query comes first, then what has a word that does", () => {
  assert.deepEqual(labels("pay", "repay", "web-payments", "payments"), [
    "payments",
    "web-payments",
    "repay",
  ]);
});

test("letters may be scattered, best at the start of words", () => {
  assert.deepEqual(labels("wa", "swam-lake", "web → api"), ["swam-lake", "web → api"]);
  assert.deepEqual(labels("cp", "Control plane", "config copy", "web"), [
    "Control plane",
    "config copy",
  ]);
});

test("what lacks a letter, or has them in another order, is not found", () => {
  assert.deepEqual(labels("apiweb", "web-api"), []);
});

test("a jump to a later word's start is taken back where too little follows it", () => {
  assert.notEqual(match("paym", "pym-a payment"), null);
  assert.notEqual(match("aab", "ab-a-ab"), null);
  assert.notEqual(match("abc", "abc-a"), null);
  assert.notEqual(match("nog", "nxoxg-o"), null);
});

test("nothing typed finds everything in its order", () => {
  assert.deepEqual(labels(" ", "b", "a"), ["b", "a"]);
});

test("matched letters are pointed at", () => {
  assert.deepEqual(match("API", "web-api")?.at, [4, 5, 6]);
});
