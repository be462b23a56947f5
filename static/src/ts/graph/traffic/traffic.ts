// The traffic of the mesh as the live socket tells it, and how one message makes the next state of it.
import { edgeKey } from "../edge_key";
import type { Edge, Health } from "../types";
import { isActive, type Measured, measured, type Row } from "./measured";

export interface Traffic {
  /** What the server is told, to go on from there; "" where nothing has been heard. */
  readonly version: string;
  readonly edges: ReadonlyMap<string, Measured>;
  /** What reaches each service, from whomever. */
  readonly vertices: ReadonlyMap<string, Measured>;
  /** Calls that were seen, though neither a proxy nor an intention names them. */
  readonly observed: ReadonlyMap<string, Edge>;
  /** How healthy services are, where traffic has a say in it. */
  readonly healths: ReadonlyMap<string, Health>;
}

/** With what has changed since `since`, or all of it where that is null. */
export interface TrafficNews {
  at: string;
  version: string;
  since: string | null;
  edges: [source: string, destination: string, row: Row][];
  vertices: [service: string, row: Row][];
  observed: Edge[];
  gone: [source: string, destination: string][];
  gone_vertices: string[];
  gone_observed: [source: string, destination: string][];
}

export const SILENCE: Traffic = {
  version: "",
  edges: new Map(),
  vertices: new Map(),
  observed: new Map(),
  healths: new Map(),
};

/** The same map as before where it says the same, so that nobody draws what has not changed. */
function healthsOf(before: Traffic["healths"], vertices: Traffic["vertices"]): Traffic["healths"] {
  const isSame =
    before.size === vertices.size &&
    [...vertices].every(([service, { health }]) => before.get(service) === health);
  return isSame ? before : new Map([...vertices].map(([service, { health }]) => [service, health]));
}

/** Null where the message goes on from something that this tab does not have. */
export function heard(before: Traffic, news: TrafficNews, now = Date.now() / 1000): Traffic | null {
  if (news.since !== null && news.since !== before.version) return null;
  const base = news.since === null ? SILENCE : before;
  const edges = new Map(base.edges);
  const vertices = new Map(base.vertices);
  let { observed } = base;
  const ahead = Date.parse(news.at) / 1000 - now;
  for (const [source, destination, row] of news.edges) edges.set(edgeKey(source, destination), measured(row, now, ahead));
  for (const [service, row] of news.vertices) vertices.set(service, measured(row, now, ahead));
  for (const service of news.gone_vertices) vertices.delete(service);
  if (news.observed.length || news.gone_observed.length) {
    const next = new Map(observed);
    for (const edge of news.observed) next.set(edgeKey(edge.source, edge.destination), edge);
    for (const pair of news.gone_observed) next.delete(edgeKey(...pair));
    observed = next;
  }
  for (const pair of news.gone) edges.delete(edgeKey(...pair));
  const healths = healthsOf(before.healths, vertices);
  return { version: news.version, edges, vertices, observed, healths };
}

/** What is left of it when nobody tells us any more; who does again is asked for all of it. */
export function wilted(traffic: Traffic): Traffic {
  const stale = (all: ReadonlyMap<string, Measured>) =>
    new Map([...all].map(([key, each]) => [key, { ...each, isStale: true }]));
  return { ...traffic, version: "", edges: stale(traffic.edges), vertices: stale(traffic.vertices) };
}

/** `silent` is what a proxy declares and its destination's proxies, who report, have not seen in 15 minutes;
 * `unwatched` is where nobody reports. */
export type Seen = "active" | "quiet" | "silent" | "unwatched";

export function seenOf(
  edge: Edge,
  traffic: Traffic,
  found = traffic.edges.get(edgeKey(edge.source, edge.destination)),
): Seen {
  if (found && found.seen !== null) return isActive(found) ? "active" : "quiet";
  const reported = traffic.vertices.get(edge.destination);
  return reported && reported.rate !== null && !reported.isStale ? "silent" : "unwatched";
}

export const isSeen = (edge: Edge, traffic: Traffic): boolean =>
  traffic.edges.get(edgeKey(edge.source, edge.destination))?.seen != null;
