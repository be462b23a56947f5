import assert from "node:assert/strict";
import { test } from "node:test";
import { named, shortened } from "../../../static/src/ts/graph/labels";
import { modelOf } from "../../../static/src/ts/graph/model";
import { sentence } from "../../../static/src/ts/graph/news";
import { aboutEdge, aboutGroup, aboutService } from "../../../static/src/ts/graph/sentences";
import { API, API_DB, drawn, graph, MODEL, vertex, WEB, WEB_API, WEB_DB } from "./cast";

const SENTENCES: [said: string, sentence: string][] = [
  [aboutService(WEB, MODEL), "web: passing, 1 instance, calls 2 services, called by 0"],
  [aboutService(API, MODEL), "api: critical, 2 of 3 instances passing, calls 1 service, called by 1"],
  [
    aboutService(vertex("edge", { kind: "ingress-gateway", has_sidecar: false }), MODEL),
    "edge: passing, 1 instance, ingress gateway, calls 0 services, called by 0",
  ],
  [
    aboutService(vertex("old", { is_registered: false, instances: 0, health: "unknown" }), MODEL),
    "old: not registered, calls 0 services, called by 0",
  ],
  [aboutEdge(WEB_API, MODEL), "web calls api: allowed by the intention web → api"],
  [aboutEdge(API_DB, MODEL), "api calls db: depends on the request by the intention api → db"],
  [aboutEdge(WEB_DB, MODEL), "web calls db: denied by default, not declared as an upstream, without mutual TLS"],
  [
    aboutEdge({ ...WEB_DB, verdict: "unknown", declared: true, mtls: true }, MODEL),
    "web calls db: not yours to read",
  ],
  [aboutGroup("shop", [WEB, API]), "group shop: 2 services, 1 critical"],
];

for (const [said, expected] of SENTENCES) test(expected, () => assert.equal(said, expected));

const QUIET = { newVertices: [], newEdges: [], turnedEdges: [], turnedVertices: [] };

test("one change is told by name, several by number", () => {
  assert.equal(
    sentence({ ...QUIET, turnedVertices: ["api"], turnedEdges: ["web\ndb"] }, MODEL),
    "api is critical; web to db is denied",
  );
  assert.equal(
    sentence({ ...QUIET, newVertices: ["a", "b"], newEdges: ["a\nb"] }, MODEL),
    "2 services are new; 1 new call",
  );
  assert.equal(sentence(QUIET, MODEL), "");
});

test("a name loses its middle, not what tells it apart", () =>
  assert.deepEqual(
    [8, 7, 6].map((kept) => shortened("checkout-worker", kept)),
    ["chec…rker", "chec…ker", "che…ker"],
  ));

const wide = (_: unknown, text: string): number => text.length * 7;

test("names cover neither one another nor a vertex", () => {
  const row = ["one-long-name", "another-name", "third-name"].map((name, at) =>
    vertex(name, { x: at * 100 }),
  );
  const names = named(drawn([], modelOf(graph({ vertices: row, edges: [] }))), 0.8, wide);
  const spans = names.map(
    ({ vertex: { x }, text }) => [x * 0.8 - wide(null, text) / 2, x * 0.8 + wide(null, text) / 2] as const,
  );
  spans.sort(([one], [other]) => one - other);
  assert.equal(names.length, 3);
  spans.slice(1).forEach(([left], at) => assert.ok(left >= spans[at]![1]));
});

test("from afar only what is sick has a name, unless there are few services", () => {
  const texts = (count: number, scale: number) => {
    const well = Array.from({ length: count - 1 }, (_, at) => vertex(`s${at}`, { x: (at + 2) * 400 }));
    const scene = drawn([], modelOf(graph({ vertices: [API, ...well], edges: [] })));
    return named(scene, scale, wide).map(({ text }) => text);
  };
  assert.deepEqual(texts(61, 0.25), ["api"]);
  assert.deepEqual(texts(3, 0.25), ["api", "s0", "s1"]);
  assert.equal(texts(61, 1).length, 61);
});

test("a collapsed group always has its name", () =>
  assert.deepEqual(
    named(drawn(["shop", "data"]), 0.05, wide)
      .map(({ text }) => text)
      .sort(),
    ["data", "shop"],
  ));
