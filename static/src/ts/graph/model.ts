// The mesh's graph, indexed; and how a delta makes the next one of it.
import { edgeKey } from "./edge_key";
import { SILENCE, type Traffic } from "./traffic/traffic";
import type { Delta, Edge, MeshGraph, Verdict, Vertex } from "./types";

export interface Model {
  readonly index: number;
  readonly defaultVerdict: Verdict;
  readonly hidden: number;
  /** Services as the mesh alone has them; `vertices` have the health that traffic makes of it. */
  readonly bare: ReadonlyMap<string, Vertex>;
  readonly vertices: ReadonlyMap<string, Vertex>;
  /** The calls that a proxy declares or an intention names; `edges` has those beside them that were only seen. */
  readonly named: ReadonlyMap<string, Edge>;
  readonly edges: ReadonlyMap<string, Edge>;
  readonly traffic: Traffic;
  readonly calls: ReadonlyMap<string, readonly Edge[]>;
  readonly callers: ReadonlyMap<string, readonly Edge[]>;
}

/** What a viewer notices: these fade in, those pulse. */
export interface Noticed {
  newVertices: string[];
  newEdges: string[];
  turnedEdges: string[];
  turnedVertices: string[];
}

function adjacency(edges: Iterable<Edge>, end: "source" | "destination"): Map<string, Edge[]> {
  const byName = new Map<string, Edge[]>();
  for (const edge of edges) {
    const there = byName.get(edge[end]);
    if (there) there.push(edge);
    else byName.set(edge[end], [edge]);
  }
  return byName;
}

type Known = Pick<Model, "index" | "defaultVerdict" | "hidden" | "bare" | "named" | "traffic">;

function judged(bare: ReadonlyMap<string, Vertex>, { healths }: Traffic): ReadonlyMap<string, Vertex> {
  const vertices = new Map(bare);
  for (const [service, health] of healths) {
    const vertex = bare.get(service);
    if (vertex && vertex.health !== health) vertices.set(service, { ...vertex, health });
  }
  return vertices;
}

function indexed(known: Known): Model {
  const { bare, named, traffic } = known;
  const vertices = judged(bare, traffic);
  const edges = new Map(named);
  for (const [key, edge] of traffic.observed) {
    if (!named.has(key) && vertices.has(edge.source) && vertices.has(edge.destination)) edges.set(key, edge);
  }
  return {
    ...known,
    vertices,
    edges,
    calls: adjacency(edges.values(), "source"),
    callers: adjacency(edges.values(), "destination"),
  };
}

export function modelOf(graph: MeshGraph): Model {
  const vertices = new Map(graph.vertices.map((vertex) => [vertex.service, vertex]));
  const edges = new Map(
    graph.edges
      .filter((edge) => vertices.has(edge.source) && vertices.has(edge.destination))
      .map((edge) => [edgeKey(edge.source, edge.destination), edge]),
  );
  const { index, default_verdict: defaultVerdict, hidden } = graph;
  return indexed({ index, defaultVerdict, hidden, bare: vertices, named: edges, traffic: SILENCE });
}

/** With what passes over it now. Only calls that nobody named, and healths, make another graph of it. */
export function carrying(model: Model, traffic: Traffic): { model: Model; noticed: Noticed } {
  const { observed, healths } = model.traffic;
  const isSame = traffic.observed === observed && traffic.healths === healths;
  const next = isSame ? { ...model, traffic } : indexed({ ...model, traffic });
  const turned = isSame ? [] : [...next.vertices.values()].filter(({ service, health }) => {
    const before = model.vertices.get(service);
    return before && before.health !== health;
  });
  const noticed: Noticed = {
    newVertices: [],
    newEdges: [...traffic.observed.keys()].filter((key) => next.edges.has(key) && !model.edges.has(key)),
    turnedEdges: [],
    turnedVertices: turned.map(({ service }) => service),
  };
  return { model: next, noticed };
}

export function applied(model: Model, index: number, delta: Delta): { model: Model; noticed: Noticed } {
  const noticed: Noticed = { newVertices: [], newEdges: [], turnedEdges: [], turnedVertices: [] };
  const vertices = new Map(model.bare);
  const edges = new Map(model.named);
  for (const [source, destination] of delta.gone_edges ?? []) edges.delete(edgeKey(source, destination));
  for (const service of delta.gone_vertices ?? []) {
    vertices.delete(service);
    for (const edge of model.calls.get(service) ?? []) edges.delete(edgeKey(service, edge.destination));
    for (const edge of model.callers.get(service) ?? []) edges.delete(edgeKey(edge.source, service));
  }
  for (const vertex of delta.vertices ?? []) {
    const before = vertices.get(vertex.service);
    if (!before) noticed.newVertices.push(vertex.service);
    else if (before.health !== vertex.health) noticed.turnedVertices.push(vertex.service);
    vertices.set(vertex.service, vertex);
  }
  for (const edge of delta.edges ?? []) {
    if (!vertices.has(edge.source) || !vertices.has(edge.destination)) continue;
    const key = edgeKey(edge.source, edge.destination);
    const before = model.edges.get(key);
    if (!before) noticed.newEdges.push(key);
    else if (before.verdict !== edge.verdict) noticed.turnedEdges.push(key);
    edges.set(key, edge);
  }
  return { model: indexed({ ...model, index, bare: vertices, named: edges }), noticed };
}

/** The delta from one whole graph to another: a page that was away gets the graph whole, and must not blink. */
export function difference(model: Model, graph: MeshGraph): Delta {
  const names = new Set(graph.vertices.map((vertex) => vertex.service));
  const keys = new Set(graph.edges.map((edge) => edgeKey(edge.source, edge.destination)));
  const isSame = (before: unknown, after: unknown) => JSON.stringify(before) === JSON.stringify(after);
  return {
    vertices: graph.vertices.filter((vertex) => !isSame(model.bare.get(vertex.service), vertex)),
    gone_vertices: [...model.bare.keys()].filter((name) => !names.has(name)),
    edges: graph.edges.filter(
      (edge) => !isSame(model.named.get(edgeKey(edge.source, edge.destination)), edge),
    ),
    gone_edges: [...model.named.values()]
      .filter((edge) => !keys.has(edgeKey(edge.source, edge.destination)))
      .map((edge) => [edge.source, edge.destination]),
  };
}

/** The services within so many calls of this one, whichever way the calls go. */
export function neighbourhood(model: Model, service: string, hops: number): Set<string> {
  const reached = new Set([service]);
  let border = [service];
  for (let hop = 0; hop < hops && border.length; hop++) {
    const next: string[] = [];
    for (const name of border) {
      const around = [
        ...(model.calls.get(name) ?? []).map((edge) => edge.destination),
        ...(model.callers.get(name) ?? []).map((edge) => edge.source),
      ];
      for (const other of around) {
        if (reached.has(other)) continue;
        reached.add(other);
        next.push(other);
      }
    }
    border = next;
  }
  return reached;
}
