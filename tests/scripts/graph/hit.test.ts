import assert from "node:assert/strict";
import { test } from "node:test";
import { pointAt } from "../../../static/src/ts/graph/curve";
import { hit } from "../../../static/src/ts/graph/hit";
import { groupKey, sceneEdgeKey } from "../../../static/src/ts/graph/scene";
import { drawn } from "./cast";

const SCENE = drawn();

function at(x: number, y: number, scale = 1, scene = SCENE): string | null {
  const found = hit(scene, { x, y }, scale);
  if (!found) return null;
  return found.kind === "vertex"
    ? found.vertex.key
    : found.kind === "edge"
      ? found.edge.key
      : `box ${found.box.group}`;
}

test("a vertex is hit on its body and a little beside it", () =>
  assert.deepEqual([at(0, 0), at(24, 0), at(0, -24), at(0, 30)], ["web", "web", "web", null]));

test("a vertex that is drawn larger than it is, for it is far away, is hit as it is drawn", () =>
  assert.equal(at(0, 40, 0.1), "web"));

test("the nearer of two vertices is hit", () =>
  assert.deepEqual([at(90, 0, 0.05), at(110, 0, 0.05)], ["web", "api"]));

test("a call is hit along its curve", () => {
  const key = sceneEdgeKey("web", "api");
  const call = SCENE.edges.get(key)!;
  const middle = pointAt(call.curve, 0.5);
  assert.deepEqual(
    [at(middle.x, middle.y), at(middle.x, middle.y + 5), at(middle.x, middle.y + 15)],
    [key, key, null],
  );
});

test("the head of a box is hit, its inside is not", () => {
  const [shop] = SCENE.boxes;
  assert.ok(shop);
  assert.deepEqual([at(shop.left + 5, shop.top + 5), at(shop.left + 5, shop.bottom - 5)], ["box shop", null]);
});

test("a collapsed group is hit at its vertex", () => {
  const folded = drawn(["shop"]);
  const { x, y } = folded.vertices.get(groupKey("shop"))!;
  assert.equal(at(x, y, 1, folded), groupKey("shop"));
});
