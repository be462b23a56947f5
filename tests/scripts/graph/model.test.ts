import assert from "node:assert/strict";
import { test } from "node:test";
import { edgeKey } from "../../../static/src/ts/graph/edge_key";
import { applied, difference, modelOf, neighbourhood } from "../../../static/src/ts/graph/model";
import { API, API_DB, DB, edge, graph, MODEL, vertex, WEB, WEB_API, WEB_DB } from "./cast";

test("an edge to what is not shown is left out", () =>
  assert.deepEqual([...modelOf(graph({ vertices: [WEB, API] })).edges.values()], [WEB_API]));

test("a delta makes the graph that a reload shows", () => {
  const after = graph({
    index: 43,
    vertices: [WEB, { ...API, health: "passing" }, vertex("cache")],
    edges: [{ ...WEB_API, verdict: "deny" }, edge("api", "cache")],
  });
  const { model } = applied(MODEL, 43, {
    vertices: [{ ...API, health: "passing" }, vertex("cache")],
    gone_vertices: ["db"],
    edges: [{ ...WEB_API, verdict: "deny" }, edge("api", "cache")],
    gone_edges: [],
  });
  assert.deepEqual(model, modelOf(after));
});

test("a delta says what came and what turned", () => {
  const { noticed } = applied(MODEL, 43, {
    vertices: [{ ...API, health: "passing" }, { ...WEB, instances: 2 }, vertex("cache")],
    edges: [{ ...WEB_API, verdict: "deny" }, { ...API_DB, mtls: false }, edge("api", "cache")],
  });
  assert.deepEqual(noticed, {
    newVertices: ["cache"],
    newEdges: [edgeKey("api", "cache")],
    turnedEdges: [edgeKey("web", "api")],
    turnedVertices: ["api"],
  });
});

test("the difference to a whole graph leads to it", () => {
  const after = graph({ vertices: [WEB, { ...DB, x: 5 }], edges: [{ ...WEB_DB, verdict: "allow" }] });
  const delta = difference(MODEL, after);
  assert.deepEqual(delta, {
    vertices: [{ ...DB, x: 5 }],
    gone_vertices: ["api"],
    edges: [{ ...WEB_DB, verdict: "allow" }],
    gone_edges: [
      ["web", "api"],
      ["api", "db"],
    ],
  });
  assert.deepEqual(applied(MODEL, after.index, delta).model, modelOf(after));
});

test("a graph does not differ from itself", () =>
  assert.deepEqual(difference(MODEL, graph()), {
    vertices: [],
    gone_vertices: [],
    edges: [],
    gone_edges: [],
  }));

test("hops count calls in both directions", () => {
  const names = ["a", "b", "c", "d", "e"];
  const chain = modelOf(
    graph({
      vertices: names.map((name) => vertex(name)),
      edges: [edge("a", "b"), edge("c", "b"), edge("c", "d"), edge("d", "e")],
    }),
  );
  assert.deepEqual(
    [1, 2, 9].map((hops) => [...neighbourhood(chain, "b", hops)].sort().join("")),
    ["abc", "abcd", "abcde"],
  );
});
