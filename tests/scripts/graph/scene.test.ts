import assert from "node:assert/strict";
import { test } from "node:test";
import { modelOf } from "../../../static/src/ts/graph/model";
import {
  collapsesByItself,
  gravest,
  groupKey,
  isCollapsed,
  MOST_EXPANDED,
  type Scene,
  sceneEdgeKey,
  shownAs,
} from "../../../static/src/ts/graph/scene";
import { API, drawn, edge, graph, MODEL, seen, vertex, WEB, WEB_API, API_DB, WEB_DB } from "./cast";

const edges = ({ edges: all }: Scene) =>
  [...all.values()].map(({ source, destination, edges: members, verdicts }) => ({
    source,
    destination,
    members,
    verdicts,
  }));

test("every service and call is drawn where groups are expanded", () => {
  const { vertices, edges: calls, boxes } = drawn();
  assert.deepEqual([...vertices.keys()], ["web", "api", "db"]);
  assert.deepEqual(
    [...calls.values()].flatMap((call) => call.edges),
    [WEB_API, API_DB, WEB_DB],
  );
  assert.deepEqual(
    boxes.map(({ group, services }) => [group, services.length]),
    [
      ["shop", 2],
      ["data", 1],
    ],
  );
});

test("a collapsed group is one vertex, and its calls outward one edge with all their verdicts", () => {
  const folded = drawn(["shop"]);
  assert.deepEqual([...folded.vertices.keys()].sort(), [groupKey("shop"), "db"]);
  assert.deepEqual(edges(folded), [
    {
      source: groupKey("shop"),
      destination: "db",
      members: [API_DB, WEB_DB],
      verdicts: { allow: 0, deny: 1, conditional: 1, unknown: 0 },
    },
  ]);
});

test("calls within a collapsed group are not drawn", () => {
  const within = modelOf(graph({ vertices: [WEB, API], edges: [WEB_API] }));
  assert.deepEqual(edges(drawn(["shop"], within)), []);
});

test("a collapsed group has the worst health of its services, and counts them", () => {
  const shop = drawn(["shop"]).vertices.get(groupKey("shop"));
  assert.deepEqual(
    [shop?.health, shop?.counts, shop?.services],
    ["critical", { passing: 1, warning: 0, critical: 1, unknown: 0 }, [WEB, API]],
  );
});

test("an edge that stands for several calls has the gravest verdict", () => {
  const call = drawn(["shop"]).edges.get(sceneEdgeKey(groupKey("shop"), "db"));
  assert.ok(call);
  assert.equal(gravest(call), "deny");
  assert.deepEqual([call.isByDefault, call.isDeclared, call.hasMtls], [false, true, false]);
});

test("two groups that call each other have an edge each way", () => {
  const both = modelOf(graph({ edges: [API_DB, edge("db", "web")] }));
  assert.deepEqual(
    edges(drawn(["shop", "data"], both)).map(({ source, destination }) => [source, destination]),
    [
      [groupKey("shop"), groupKey("data")],
      [groupKey("data"), groupKey("shop")],
    ],
  );
});

test("a box leaves room around its services", () => {
  const [shop] = drawn().boxes;
  assert.ok(shop);
  for (const { x, y } of [WEB, API]) {
    assert.ok(shop.left < x - 40 && x + 40 < shop.right && shop.top < y - 40 && y + 40 < shop.bottom);
  }
});

test("a service is found at its own vertex or at its group's", () => {
  assert.equal(shownAs(drawn(), MODEL, "api")?.key, "api");
  assert.equal(shownAs(drawn(["shop"]), MODEL, "api")?.key, groupKey("shop"));
});

test("groups fold by themselves where there are many services", () => {
  const many = (count: number) =>
    modelOf(graph({ vertices: Array.from({ length: count }, (_, i) => vertex(`s${i}`)), edges: [] }));
  assert.deepEqual(
    [MOST_EXPANDED, MOST_EXPANDED + 1].map((count) => collapsesByItself(seen({}, many(count)))),
    [false, true],
  );
});

const FOLDING: [
  grouping: "auto" | "collapsed" | "expanded",
  auto: boolean,
  otherwise: string[],
  isFolded: boolean,
][] = [
  ["auto", true, [], true],
  ["auto", false, [], false],
  ["auto", true, ["shop"], false],
  ["collapsed", false, [], true],
  ["collapsed", false, ["shop"], false],
  ["expanded", true, ["shop"], true],
];

for (const [grouping, auto, otherwise, isFolded] of FOLDING) {
  test(`shop is ${isFolded ? "collapsed" : "expanded"}: ${grouping}, ${auto ? "many" : "few"} services, but for ${otherwise}`, () =>
    assert.equal(isCollapsed("shop", grouping, new Set(otherwise), auto), isFolded));
}
