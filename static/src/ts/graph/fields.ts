// What find and hide expressions may ask of a service and of a call.
import { edgeKey } from "./edge_key";
import type { Model } from "./model";
import type { Measured } from "./traffic/measured";
import { isSeen, seenOf } from "./traffic/traffic";
import type { Edge, Vertex } from "./types";

export type Value = string | number | boolean | readonly string[];
export type Type = "text" | "number" | "boolean" | "list";

export interface Field<Subject> {
  type: Type;
  says: string;
  values?: readonly string[];
  /** May stand behind the number. */
  unit?: string;
  of: (subject: Subject, model: Model) => Value;
}

/** Not a number, which no comparison but != holds of, where nobody knows. */
function measures<Subject>(
  of: (subject: Subject, model: Model) => Measured | undefined,
): Record<string, Field<Subject>> {
  const field = (says: string, unit: string, value: (found: Measured) => number | null): Field<Subject> => ({
    type: "number",
    says,
    unit,
    of: (subject, model) => {
      const found = of(subject, model);
      return (found && value(found)) ?? NaN;
    },
  });
  return {
    rate: field("requests a second", "/s", (found) => found.rate),
    errors: field("percent of requests that fail", "%", ({ errorRatio }) =>
      errorRatio === null ? null : errorRatio * 100,
    ),
    p50: field("half of the requests take at most so long, in ms", "ms", (found) => found.p50),
    p95: field("95 of 100 requests take at most so long, in ms", "ms", (found) => found.p95),
    p99: field("99 of 100 requests take at most so long, in ms", "ms", (found) => found.p99),
    bytes: field("bytes a second", "B/s", (found) => found.bytes),
    denied: field("attempts a second that are denied", "/s", (found) => found.denied),
    connections: field("connections now", "", (found) => found.connections),
  };
}

const OF_EDGES = measures<Edge>((edge, { traffic }) => traffic.edges.get(edgeKey(edge.source, edge.destination)));
const OF_VERTICES = measures<Vertex>((vertex, { traffic }) => traffic.vertices.get(vertex.service));

export const VERTEX_FIELDS: Readonly<Record<string, Field<Vertex>>> = {
  name: { type: "text", says: "the service's name", of: (vertex) => vertex.service },
  health: {
    type: "text",
    says: "worst state of its checks",
    values: ["passing", "warning", "critical", "unknown"],
    of: (vertex) => vertex.health,
  },
  kind: {
    type: "text",
    says: "service or gateway",
    values: ["typical", "ingress-gateway", "terminating-gateway", "mesh-gateway", "api-gateway"],
    of: (vertex) => vertex.kind,
  },
  group: { type: "text", says: "the box it is in", of: (vertex) => vertex.group },
  tag: { type: "list", says: "any of its tags", of: (vertex) => vertex.tags },
  protocol: {
    type: "text",
    says: "what it speaks",
    values: ["tcp", "http", "http2", "grpc"],
    of: (vertex) => vertex.protocol,
  },
  instances: { type: "number", says: "registered instances", of: (vertex) => vertex.instances },
  critical: { type: "number", says: "critical instances", of: (vertex) => vertex.critical },
  warning: { type: "number", says: "warning instances", of: (vertex) => vertex.warning },
  connected: { type: "number", says: "proxies connected now", of: (vertex) => vertex.connected },
  calls: {
    type: "number",
    says: "services it calls",
    of: (vertex, model) => model.calls.get(vertex.service)?.length ?? 0,
  },
  callers: {
    type: "number",
    says: "services that call it",
    of: (vertex, model) => model.callers.get(vertex.service)?.length ?? 0,
  },
  registered: { type: "boolean", says: "an instance is registered", of: (vertex) => vertex.is_registered },
  has_sidecar: { type: "boolean", says: "it has a sidecar proxy", of: (vertex) => vertex.has_sidecar },
  pinned: { type: "boolean", says: "somebody placed it", of: (vertex) => vertex.pinned },
  external_source: { type: "text", says: "who registered it", of: (vertex) => vertex.external_source },
  ...OF_VERTICES,
};

export const EDGE_FIELDS: Readonly<Record<string, Field<Edge>>> = {
  source: { type: "text", says: "who calls", of: (edge) => edge.source },
  destination: { type: "text", says: "who is called", of: (edge) => edge.destination },
  verdict: {
    type: "text",
    says: "may the call be made",
    values: ["allow", "deny", "conditional", "unknown"],
    of: (edge) => edge.verdict,
  },
  by_default: { type: "boolean", says: "no intention decides", of: (edge) => edge.by_default },
  declared: { type: "boolean", says: "an upstream of the caller", of: (edge) => edge.declared },
  mtls: { type: "boolean", says: "both ends have a proxy", of: (edge) => edge.mtls },
  observed: {
    type: "boolean",
    says: "seen in the last 15 minutes",
    of: (edge, { traffic }) => isSeen(edge, traffic),
  },
  silent: {
    type: "boolean",
    says: "not seen, though its proxies report",
    of: (edge, { traffic }) => seenOf(edge, traffic) === "silent",
  },
  ...OF_EDGES,
};

/** What changes without a change of the mesh. */
export const TRAFFIC_FIELDS: ReadonlySet<string> = new Set([...Object.keys(OF_EDGES), "observed", "silent"]);

export const ENDS = ["source", "destination"] as const;

/** `source.health` and the like: a call asked about one of its two services. */
export function endField(name: string): { end: "source" | "destination"; field: Field<Vertex> } | null {
  const [end, asked, ...more] = name.split(".");
  const field = asked === undefined || more.length ? undefined : VERTEX_FIELDS[asked];
  if (!field || (end !== "source" && end !== "destination")) return null;
  return { end, field };
}
