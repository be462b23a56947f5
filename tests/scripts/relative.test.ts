import assert from "node:assert/strict";
import { test } from "node:test";

import { relative } from "../../static/src/ts/relative";

const ago = (seconds: number) => relative(0, seconds * 1000);

test("ages are whole numbers of the largest unit that fits", () => {
  const words = [0, 1, 59, 60, 3599, 3600, 86_399, 86_400, 40 * 86_400, 800 * 86_400].map(ago);
  assert.deepEqual(words, [
    "just now",
    "1 s ago",
    "59 s ago",
    "1 min ago",
    "59 min ago",
    "1 h ago",
    "23 h ago",
    "1 d ago",
    "1 mo ago",
    "2 y ago",
  ]);
});

test("what is to come is ahead, unless the clocks merely differ", () => {
  assert.deepEqual([-4, -6, -7200].map(ago), ["just now", "in 6 s", "in 2 h"]);
});
