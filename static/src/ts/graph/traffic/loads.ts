// The traffic of what is drawn: of one call, or of all the calls that an edge between two groups stands for.
import { edgeKey } from "../edge_key";
import type { Scene, SceneEdge } from "../scene";
import type { Edge } from "../types";
import { type Measured, together, UNKNOWN } from "./measured";
import { type Seen, seenOf, type Traffic } from "./traffic";

export interface Load {
  measured: Measured;
  seen: Seen;
}

export type Loads = ReadonlyMap<string, Load>;

const FIRST: readonly Seen[] = ["active", "quiet", "unwatched", "silent"];

export function loadOf(edges: readonly Edge[], traffic: Traffic): Load {
  const found = edges
    .map(({ source, destination }) => traffic.edges.get(edgeKey(source, destination)))
    .filter((each) => each !== undefined);
  const all = new Set(edges.map((edge) => seenOf(edge, traffic)));
  return { measured: together(found), seen: FIRST.find((seen) => all.has(seen)) ?? "unwatched" };
}

const UNWATCHED: Load = { measured: UNKNOWN, seen: "unwatched" };

export function loads(scene: Scene, traffic: Traffic): Loads {
  if (!traffic.version) return new Map();
  return new Map([...scene.edges].map(([key, { edges }]) => [key, loadOf(edges, traffic)]));
}

export const loadAt = (all: Loads, { key }: SceneEdge): Load => all.get(key) ?? UNWATCHED;

/** Five steps, a factor of ten each, so that a line's width seldom changes. */
export function step(rate: number): number {
  return Math.min(Math.max(Math.floor(Math.log10(Math.max(rate, 0.01))) + 2, 1), 5);
}
