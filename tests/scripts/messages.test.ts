import assert from "node:assert/strict";
import { test } from "node:test";

import { backoff_ms, parse } from "../../static/src/ts/messages";

test("news and ends are read, and nothing else is taken for them", () => {
  const news = { index: 3, at: "2026-01-02T03:04:05Z", blocks: { "row-web": "<tr></tr>" } };
  assert.deepEqual(parse(JSON.stringify(news)), news);
  assert.deepEqual(parse('{"end": "revoked"}'), { end: "revoked" });
  for (const text of ["", "[]", "null", "{}", '{"index": "3", "at": ""}', '{"index": 3, "at": "", "blocks": {"a": 1}}']) {
    assert.equal(parse(text), null, text);
  }
});

test("attempts to connect come ever later, up to ten seconds, and never in step", () => {
  assert.deepEqual([0, 1, 2, 9].map((attempt) => backoff_ms(attempt, 0)), [150, 300, 600, 5_000]);
  assert.deepEqual([0, 9].map((attempt) => backoff_ms(attempt, 1)), [300, 10_000]);
});
