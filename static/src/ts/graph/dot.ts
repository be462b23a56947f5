// The picture for Graphviz: groups as clusters, verdicts as colours and styles.
import type { Edge, Verdict, Vertex } from "./types";
import type { Visible } from "./visible";

const COLOURS: Readonly<Record<Verdict, string>> = {
  allow: "#0b7a75",
  deny: "#b4163b",
  conditional: "#4f46e5",
  unknown: "#66748a",
};

const quoted = (text: string): string => `"${text.replace(/\\/gu, "\\\\").replace(/"/gu, '\\"')}"`;

function vertexLine({ service, health, is_registered }: Vertex): string {
  const style = is_registered ? "" : ", style=dashed";
  return `${quoted(service)} [tooltip=${quoted(is_registered ? health : "not registered")}${style}];`;
}

function edgeLine({ source, destination, verdict, declared }: Edge): string {
  const style = declared ? "solid" : "dotted";
  const head = verdict === "deny" ? "tee" : "normal";
  const attributes = `color="${COLOURS[verdict]}", style=${style}, arrowhead=${head}, label=${quoted(verdict === "allow" ? "" : verdict)}`;
  return `${quoted(source)} -> ${quoted(destination)} [${attributes}];`;
}

export function dot({ vertices, edges }: Visible): string {
  const groups = [...new Set(vertices.map(({ group }) => group))].sort();
  const clusters = groups.flatMap((group, at) => {
    const members = vertices
      .filter((vertex) => vertex.group === group)
      .map((vertex) => `  ${vertexLine(vertex)}`);
    if (!group) return members;
    return [
      `  subgraph cluster_${at} {`,
      `    label=${quoted(group)};`,
      ...members.map((member) => `  ${member}`),
      "  }",
    ];
  });
  return [
    "digraph mesh {",
    "  rankdir=LR;",
    "  node [shape=ellipse];",
    ...clusters,
    ...edges.map((edge) => `  ${edgeLine(edge)}`),
    "}",
    "",
  ].join("\n");
}
