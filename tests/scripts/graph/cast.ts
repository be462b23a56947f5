// One cast for all tests of the graph: web may call api, api may call db, nobody else anything.
import { type Model, modelOf } from "../../../static/src/ts/graph/model";
import { type Scene, scene } from "../../../static/src/ts/graph/scene";
import type { Edge, MeshGraph, Vertex } from "../../../static/src/ts/graph/types";
import { INITIAL, type View } from "../../../static/src/ts/graph/view";
import { type Visible, visible } from "../../../static/src/ts/graph/visible";

export function vertex(service: string, more: Partial<Vertex> = {}): Vertex {
  return {
    service,
    kind: "typical",
    is_registered: true,
    health: "passing",
    instances: 1,
    passing: 1,
    warning: 0,
    critical: 0,
    has_sidecar: true,
    connected: 1,
    protocol: "http",
    group: "",
    tags: [],
    external_source: "",
    x: 0,
    y: 0,
    pinned: false,
    ...more,
  };
}

export function edge(source: string, destination: string, more: Partial<Edge> = {}): Edge {
  return {
    source,
    destination,
    verdict: "allow",
    by_default: false,
    intention: { source, destination, precedence: 9 },
    reason: `the intention from ${source} to ${destination} allows it`,
    declared: true,
    mtls: true,
    ...more,
  };
}

export const WEB = vertex("web", { group: "shop", x: 0 });
export const API = vertex("api", {
  group: "shop",
  x: 200,
  instances: 3,
  passing: 2,
  critical: 1,
  health: "critical",
});
export const DB = vertex("db", { group: "data", x: 800, protocol: "tcp", tags: ["v1", "blue"] });
export const WEB_API = edge("web", "api");
export const API_DB = edge("api", "db", { verdict: "conditional" });
export const WEB_DB = edge("web", "db", {
  verdict: "deny",
  by_default: true,
  intention: null,
  declared: false,
  mtls: false,
});

export function graph(more: Partial<MeshGraph> = {}): MeshGraph {
  return {
    index: 42,
    default_verdict: "deny",
    groups: ["data", "shop"],
    vertices: [WEB, API, DB],
    edges: [WEB_API, API_DB, WEB_DB],
    hidden: 0,
    ...more,
  };
}

export const MODEL: Model = modelOf(graph());
export const looking = (more: Partial<View> = {}): View => ({ ...INITIAL, ...more });
export const seen = (more: Partial<View> = {}, model = MODEL): Visible => visible(model, looking(more));
export const drawn = (folded: readonly string[] = [], model = MODEL): Scene =>
  scene(seen({}, model), (group) => folded.includes(group));
