import assert from "node:assert/strict";
import { test } from "node:test";
import type { View } from "../../../static/src/ts/graph/view";
import { API_DB, seen, WEB_API, WEB_DB } from "./cast";

function names(view: Partial<View>): string {
  const { vertices, edges } = seen(view);
  return [
    ...vertices.map(({ service }) => service),
    ...edges.map(({ source, destination }) => `${source}>${destination}`),
  ].join(" ");
}

const CASES: [name: string, view: Partial<View>, names: string][] = [
  ["all of it", {}, "web api db web>api api>db web>db"],
  ["hidden services go with their calls", { hide: "name = db" }, "web api web>api"],
  ["hidden calls go alone", { hide: "verdict = deny" }, "web api db web>api api>db"],
  ["an expression that cannot be read hides nothing", { hide: "name =" }, "web api db web>api api>db web>db"],
  ["what the legend has switched off", { off: new Set(["critical", "plaintext"]) }, "web db"],
  ["focus and one hop", { focus: "web", hops: 1, hide: "verdict = deny" }, "web api db web>api api>db"],
  ["a focus on what is gone shows all", { focus: "cache" }, "web api db web>api api>db web>db"],
];

for (const [name, view, shown] of CASES) test(name, () => assert.equal(names(view), shown));

test("what is found is marked, and nothing else disappears", () => {
  const { edges, found } = seen({ find: "health = critical or verdict != allow" });
  assert.deepEqual(edges, [WEB_API, API_DB, WEB_DB]);
  assert.deepEqual(found, { services: new Set(["api"]), edges: new Set([API_DB, WEB_DB]) });
});

test("without a question nothing is found", () => assert.equal(seen().found, null));
