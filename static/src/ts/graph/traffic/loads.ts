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

const AROUND = 1.25;
const FIRST: readonly Seen[] = ["active", "quiet", "unwatched", "silent"];

export function loadOf(edges: readonly Edge[], traffic: Traffic): Load {
  const [only] = edges;
  if (only && edges.length === 1) {
    const found = traffic.edges.get(edgeKey(only.source, only.destination));
    return { measured: found ?? UNKNOWN, seen: seenOf(only, traffic, found) };
  }
  const found = edges
    .map(({ source, destination }) => traffic.edges.get(edgeKey(source, destination)))
    .filter((each) => each !== undefined);
  const all = new Set(edges.map((edge) => seenOf(edge, traffic)));
  return { measured: together(found), seen: FIRST.find((seen) => all.has(seen)) ?? "unwatched" };
}

const UNWATCHED: Load = { measured: UNKNOWN, seen: "unwatched" };

export function loads(scene: Scene, traffic: Traffic): Loads {
  if (!traffic.edges.size && !traffic.vertices.size) return new Map();
  const all = new Map<string, Load>();
  for (const [key, { edges }] of scene.edges) all.set(key, loadOf(edges, traffic));
  return all;
}

export const loadAt = (all: Loads, { key }: SceneEdge): Load => all.get(key) ?? UNWATCHED;

/** Five steps, a factor of ten each. */
export function step(rate: number): number {
  return Math.min(Math.max(Math.floor(Math.log10(Math.max(rate, 0.01))) + 2, 1), 5);
}

/** The step before, where the rate has only just left it: a rate at a border must not have its line flicker. */
export function steadyStep(rate: number, before: number): number {
  return step(rate * AROUND) >= before && before >= step(rate / AROUND) ? before : step(rate);
}
