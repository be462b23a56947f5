import assert from "node:assert/strict";
import { test } from "node:test";
import { modelOf } from "../../../static/src/ts/graph/model";
import { type Direction, first, type Walk, walked } from "../../../static/src/ts/graph/steps";
import { drawn, edge, graph, vertex } from "./cast";

// web calls api, and above and below it auth and mail; api calls db.
const SCENE = drawn(
  [],
  modelOf(
    graph({
      vertices: [
        vertex("web", { x: 0, y: 100 }),
        vertex("auth", { x: 200, y: 0 }),
        vertex("api", { x: 200, y: 100 }),
        vertex("mail", { x: 200, y: 200 }),
        vertex("db", { x: 400, y: 100 }),
        vertex("alone", { x: 0, y: 400 }),
      ],
      edges: [edge("web", "auth"), edge("web", "api"), edge("web", "mail"), edge("api", "db")],
    }),
  ),
);

function places(...directions: Direction[]): string[] {
  let walk: Walk | null = first(SCENE);
  return directions.map((direction) => {
    assert.ok(walk);
    walk = walked(SCENE, walk, direction);
    return walk.at;
  });
}

test("a walk begins where the calls do", () => assert.deepEqual(first(SCENE), { at: "web", step: null }));

const WALKS: [name: string, directions: Direction[], places: string[]][] = [
  ["along the calls and back", ["right", "right", "left", "left"], ["api", "db", "api", "web"]],
  ["among those that one calls", ["right", "up", "down", "down"], ["api", "auth", "api", "mail"]],
  ["it stays where no call leads on", ["right", "right", "right"], ["api", "db", "db"]],
  ["where no call leads, to what is nearest", ["down", "down"], ["mail", "alone"]],
];

for (const [name, directions, expected] of WALKS)
  test(name, () => assert.deepEqual(places(...directions), expected));

test("a walk whose vertex is gone begins again", () =>
  assert.deepEqual(walked(SCENE, { at: "gone", step: null }, "right"), { at: "web", step: null }));
