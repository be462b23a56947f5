// The graph as the server sends it: /ui/graph.json, /api/graph and the live deltas.

export type Health = "passing" | "warning" | "critical" | "unknown";
/** Unknown to whoever may not read the destination's intentions. */
export type Verdict = "allow" | "deny" | "conditional" | "unknown";

export interface Vertex {
  service: string;
  kind: string;
  is_registered: boolean;
  health: Health;
  instances: number;
  passing: number;
  warning: number;
  critical: number;
  has_sidecar: boolean;
  connected: number;
  protocol: string;
  group: string;
  tags: string[];
  external_source: string;
  x: number;
  y: number;
  pinned: boolean;
}

export interface IntentionName {
  source: string;
  destination: string;
  precedence: number;
}

export interface Edge {
  source: string;
  destination: string;
  verdict: Verdict;
  by_default: boolean;
  intention: IntentionName | null;
  reason: string;
  declared: boolean;
  mtls: boolean;
}

export interface MeshGraph {
  index: number;
  default_verdict: Verdict;
  groups: string[];
  vertices: Vertex[];
  edges: Edge[];
  hidden: number;
}

/** What differs from the graph before: whole values for what is new or changed, names for what is gone. */
export interface Delta {
  vertices?: Vertex[];
  gone_vertices?: string[];
  edges?: Edge[];
  gone_edges?: [string, string][];
}

export interface Point {
  x: number;
  y: number;
}

export interface Bounds {
  left: number;
  top: number;
  right: number;
  bottom: number;
}
