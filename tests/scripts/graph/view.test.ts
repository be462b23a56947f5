import assert from "node:assert/strict";
import { test } from "node:test";
import { INITIAL, read, type View, written } from "../../../static/src/ts/graph/view";
import { looking } from "./cast";

const VIEWS: [name: string, view: View, query: string][] = [
  ["as it begins", INITIAL, ""],
  ["camera", looking({ camera: { x: -120, y: 40, scale: 0.75 } }), "at=-120%2C40%2C0.75"],
  ["service", looking({ selection: { kind: "service", service: "web" } }), "service=web"],
  [
    "call",
    looking({ selection: { kind: "edge", source: "web", destination: "api" } }),
    "source=web&destination=api",
  ],
  ["focus", looking({ focus: "web", hops: 3 }), "focus=web&hops=3"],
  [
    "expressions",
    looking({ find: "health = critical", hide: "not declared" }),
    "find=health+%3D+critical&hide=not+declared",
  ],
  [
    "groups",
    looking({ grouping: "collapsed", otherwise: new Set(["shop", "a,b"]) }),
    "groups=collapsed&otherwise=a%252Cb%2Cshop",
  ],
  ["legend", looking({ off: new Set(["deny", "allow"]) }), "off=allow%2Cdeny"],
  [
    "panels",
    looking({ hasLegend: false, hasMinimap: false, hasOutline: true }),
    "legend=no&minimap=no&words=yes",
  ],
];

for (const [name, view, query] of VIEWS) {
  test(`${name}: the view is in the URL and comes back from it`, () => {
    const params = written(view, new URLSearchParams());
    assert.equal(params.toString(), query);
    assert.deepEqual(read(params), view);
  });
}

test("what is not the graph's stays in the URL", () =>
  assert.equal(
    written(looking({ focus: "web" }), new URLSearchParams("token=1&focus=api&hops=2")).toString(),
    "token=1&focus=web",
  ));

const BROKEN: [query: string, view: View][] = [
  ["at=1,2", INITIAL],
  ["at=1,2,-3", INITIAL],
  ["at=a,b,c", INITIAL],
  ["focus=web&hops=99", looking({ focus: "web", hops: 5 })],
  ["focus=web&hops=-1", looking({ focus: "web", hops: 1 })],
  ["focus=web&hops=many", looking({ focus: "web", hops: 1 })],
  ["groups=sideways&otherwise=%25", INITIAL],
  ["source=web", INITIAL],
];

for (const [query, view] of BROKEN) {
  test(`${query} is read as far as it makes sense`, () =>
    assert.deepEqual(read(new URLSearchParams(query)), view));
}
