// A scene as graphology and sigma want it, and the difference between two.
import Graph from "graphology";
import { carried, edgeLook, type EdgeLook, vertexLook, type VertexLook } from "./gl/looks";
import { FLAG } from "./gl/frame";
import type { Scene } from "./scene";
import { loadAt, type Loads } from "./traffic/loads";

/** When, in seconds of the stage, something came or turned; what is not in here was always so. */
export interface Times {
  born: ReadonlyMap<string, number>;
  turned: ReadonlyMap<string, number>;
}

export interface Looks {
  vertices: ReadonlyMap<string, VertexLook>;
  edges: Map<string, EdgeLook>;
}

const LONG_AGO = -1000;

export function looksOf(
  scene: Scene,
  loads: Loads,
  selected: ReadonlySet<string>,
  { born, turned }: Times,
): Looks {
  const vertices = new Map<string, VertexLook>();
  for (const [key, vertex] of scene.vertices) {
    vertices.set(
      key,
      vertexLook(vertex, selected.has(key), born.get(key) ?? LONG_AGO, turned.get(key) ?? LONG_AGO),
    );
  }
  const edges = new Map<string, EdgeLook>();
  for (const [key, edge] of scene.edges) {
    const radii = [
      scene.vertices.get(edge.source)!.radius,
      scene.vertices.get(edge.destination)!.radius,
    ] as const;
    const times = [born.get(key) ?? LONG_AGO, turned.get(key) ?? LONG_AGO] as const;
    edges.set(key, edgeLook(edge, radii, loadAt(loads, edge), selected.has(key), ...times));
  }
  return { vertices, edges };
}

/** Puts into the looks, and into the graph, what passes over the edges now; returns the keys of what looks different. */
export function reload(graph: Graph, looks: Looks, scene: Scene, loads: Loads): string[] {
  const different: string[] = [];
  for (const [key, edge] of scene.edges) {
    const look = looks.edges.get(key)!;
    const isSelected = Math.floor(look.flags / FLAG.selected) % 2 === 1;
    const now = carried(edge, loadAt(loads, edge), isSelected, look.width);
    if (now.width === look.width && now.flags === look.flags) continue;
    looks.edges.set(key, { ...look, ...now });
    Object.assign(graph.getEdgeAttributes(key), now);
    different.push(key);
  }
  return different;
}

export function graphOf(scene: Scene, looks: Looks): Graph {
  const graph = new Graph({ type: "directed" });
  for (const [key, look] of looks.vertices) graph.addNode(key, look);
  for (const [key, look] of looks.edges) {
    const { source, destination } = scene.edges.get(key)!;
    graph.addDirectedEdgeWithKey(key, source, destination, look);
  }
  return graph;
}

const isSameKeys = (one: ReadonlyMap<string, unknown>, other: ReadonlyMap<string, unknown>): boolean =>
  one.size === other.size && [...one.keys()].every((key) => other.has(key));

export const isSameShape = (one: Looks, other: Looks): boolean =>
  isSameKeys(one.vertices, other.vertices) && isSameKeys(one.edges, other.edges);

function isSame(one: unknown, other: unknown): boolean {
  if (!Array.isArray(one) || !Array.isArray(other)) return one === other;
  return one.length === other.length && one.every((part, at) => part === other[at]);
}

function changed<Look extends object>(
  before: ReadonlyMap<string, Look>,
  after: ReadonlyMap<string, Look>,
): string[] {
  const isChanged = (look: Look, old: Look): boolean =>
    Object.keys(look).some((name) => !isSame(look[name as keyof Look], old[name as keyof Look]));
  return [...after].filter(([key, look]) => isChanged(look, before.get(key)!)).map(([key]) => key);
}

/** Brings a graph of the same shape up to the looks; returns the keys that sigma is to read again. */
export function bringUp(graph: Graph, before: Looks, after: Looks): { nodes: string[]; edges: string[] } {
  const nodes = changed(before.vertices, after.vertices);
  const edges = changed(before.edges, after.edges);
  // Into the attributes themselves: graphology's own setters would have sigma index everything anew for each of them.
  for (const key of nodes) Object.assign(graph.getNodeAttributes(key), after.vertices.get(key));
  for (const key of edges) Object.assign(graph.getEdgeAttributes(key), after.edges.get(key));
  return { nodes, edges };
}
