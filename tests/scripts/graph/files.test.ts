import assert from "node:assert/strict";
import { test } from "node:test";
import { dot } from "../../../static/src/ts/graph/dot";
import { modelOf } from "../../../static/src/ts/graph/model";
import type { Colour, Palette } from "../../../static/src/ts/graph/palette";
import { svg } from "../../../static/src/ts/graph/svg";
import { drawn, edge, graph, seen, vertex } from "./cast";

const GREY: Colour = [0.5, 0.5, 0.5];
const PALETTE: Palette = {
  passing: GREY,
  warning: GREY,
  critical: [1, 0, 0],
  unknown: GREY,
  allow: GREY,
  deny: [1, 0, 0],
  conditional: GREY,
  body: GREY,
  ground: GREY,
  accent: GREY,
  found: GREY,
  flow: GREY,
  rest: 0.8,
  glow: 0,
  css: {
    ground: "#111",
    grid: "#222",
    box: "#333",
    boxLine: "#444",
    text: "#eee",
    muted: "#999",
    critical: "#f00",
    warning: "#fa0",
    accent: "#55f",
    font: '"Inter", sans-serif',
  },
};

test("a graph for Graphviz has groups as clusters and verdicts as colours", () =>
  assert.equal(
    dot(seen()),
    `digraph mesh {
  rankdir=LR;
  node [shape=ellipse];
  subgraph cluster_0 {
    label="data";
    "db" [tooltip="passing"];
  }
  subgraph cluster_1 {
    label="shop";
    "web" [tooltip="passing"];
    "api" [tooltip="critical"];
  }
  "web" -> "api" [color="#0b7a75", style=solid, arrowhead=normal, label=""];
  "api" -> "db" [color="#4f46e5", style=solid, arrowhead=normal, label="conditional"];
  "web" -> "db" [color="#b4163b", style=dotted, arrowhead=tee, label="deny"];
}
`,
  ));

test("a name cannot leave its quotes in DOT", () => {
  const model = modelOf(graph({ vertices: [vertex('a"]; b [label="\\')], edges: [] }));
  assert.match(dot(seen({}, model)), /^ {2}"a\\"\]; b \[label=\\"\\\\" \[tooltip="passing"\];$/mu);
});

test("a drawing shows every box, vertex and call once", () => {
  const drawing = svg(drawn(), PALETTE);
  const count = (pattern: RegExp) => [...drawing.matchAll(pattern)].length;
  assert.deepEqual(
    [
      count(/<title>web: passing/gu),
      count(/<title>web → api: 1 call/gu),
      count(/>shop</gu),
      count(/stroke-dasharray="0.1 4.5"/gu),
    ],
    [1, 1, 1, 1],
  );
});

test("a name is text in a drawing, whatever is in it", () => {
  const name = '<script>&"';
  const model = modelOf(graph({ vertices: [vertex(name), vertex("web")], edges: [edge("web", name)] }));
  const drawing = svg(drawn([], model), PALETTE);
  assert.ok(!drawing.includes("<script>"));
  assert.ok(drawing.includes("<title>&lt;script&gt;&amp;&quot;: passing</title>"));
});
