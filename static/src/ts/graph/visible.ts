// What of the mesh is drawn: all that neither an expression, nor the legend, nor the focus leaves out.
import { type Expression, ExpressionError, parsed } from "./expression";
import { edgeKey } from "./edge_key";
import { type Model, neighbourhood } from "./model";
import { isAttempted, isFailing, type Measured, UNKNOWN } from "./traffic/measured";
import { isSeen, seenOf } from "./traffic/traffic";
import type { Edge, Vertex } from "./types";
import type { View } from "./view";

/** An entry of the legend: what it is about decides what disappears when it is switched off. */
export const VERTEX_TRAITS: Readonly<Record<string, (vertex: Vertex) => boolean>> = {
  passing: (vertex) => vertex.is_registered && vertex.health === "passing",
  warning: (vertex) => vertex.is_registered && vertex.health === "warning",
  critical: (vertex) => vertex.is_registered && vertex.health === "critical",
  unknown: (vertex) => vertex.is_registered && vertex.health === "unknown",
  unregistered: (vertex) => !vertex.is_registered,
  gateway: (vertex) => vertex.kind !== "typical",
};

const carried = (edge: Edge, { traffic }: Model): Measured | undefined =>
  traffic.edges.get(edgeKey(edge.source, edge.destination));

export const EDGE_TRAITS: Readonly<Record<string, (edge: Edge, model: Model) => boolean>> = {
  allow: (edge) => edge.verdict === "allow",
  conditional: (edge) => edge.verdict === "conditional",
  deny: (edge) => edge.verdict === "deny",
  unread: (edge) => edge.verdict === "unknown",
  default: (edge) => edge.by_default,
  declared: (edge) => edge.declared,
  intention: (edge, { traffic }) => !edge.declared && !isSeen(edge, traffic),
  observed: (edge, { traffic }) => !edge.declared && isSeen(edge, traffic),
  silent: (edge, { traffic }) => edge.declared && seenOf(edge, traffic) === "silent",
  failing: (edge, model) => isFailing(carried(edge, model) ?? UNKNOWN),
  attempted: (edge, model) => isAttempted(carried(edge, model) ?? UNKNOWN),
  plaintext: (edge) => !edge.mtls,
};

/** Those that change with what passes. */
export const TRAFFIC_TRAITS: readonly string[] = ["intention", "observed", "silent", "failing", "attempted"];

export interface Visible {
  vertices: Vertex[];
  edges: Edge[];
  /** What a find expression picks of them, or null without one. */
  found: { services: Set<string>; edges: Set<Edge> } | null;
}

/** An expression that cannot be read leaves nothing out and finds nothing; its field says why. */
export function readable(text: string): { expression: Expression | null; problem: string } {
  try {
    return { expression: parsed(text), problem: "" };
  } catch (error) {
    if (error instanceof ExpressionError) return { expression: null, problem: error.message };
    throw error;
  }
}

export function visible(model: Model, view: View): Visible {
  const hide = readable(view.hide).expression;
  const find = readable(view.find).expression;
  const inFocus = model.vertices.has(view.focus) ? neighbourhood(model, view.focus, view.hops) : null;
  const vertexTraits = Object.entries(VERTEX_TRAITS).filter(([name]) => view.off.has(name));
  const edgeTraits = Object.entries(EDGE_TRAITS).filter(([name]) => view.off.has(name));
  const vertices = [...model.vertices.values()].filter(
    (vertex) =>
      (!inFocus || inFocus.has(vertex.service)) &&
      !vertexTraits.some(([, isSo]) => isSo(vertex)) &&
      !hide?.vertex(vertex, model),
  );
  const names = new Set(vertices.map((vertex) => vertex.service));
  const edges = [...model.edges.values()].filter(
    (edge) =>
      names.has(edge.source) &&
      names.has(edge.destination) &&
      !edgeTraits.some(([, isSo]) => isSo(edge, model)) &&
      !hide?.edge(edge, model),
  );
  if (!find) return { vertices, edges, found: null };
  return {
    vertices,
    edges,
    found: {
      services: new Set(
        vertices.filter((vertex) => find.vertex(vertex, model)).map((vertex) => vertex.service),
      ),
      edges: new Set(edges.filter((edge) => find.edge(edge, model))),
    },
  };
}
