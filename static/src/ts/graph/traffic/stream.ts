// What runs along each edge of the scene, as numbers for the shader. A dot keeps its place when its speed changes.
import { type Curve } from "../curve";
import type { Scene } from "../scene";
import type { Loads } from "./loads";
import { isActive, isAttempted, isFailing, type Measured } from "./measured";

/** Floats of one edge: start, end, radii, flow, marks. */
export const FLOATS = 17;
/** Of one edge. */
export const MOST_DOTS = 24;
const USUAL_LENGTH = 240;
/** Units of the layout a second: of what takes a millisecond, and of what takes ten seconds. */
const FASTEST = 170;
const SLOWEST = 22;
const UNTIMED = 80;
/** So many look like one request, where a connection that is open all the time carries them. */
const BYTES = 10_000;

/** Two dots for one request a second, two more for ten times as many, on an edge of usual length. */
export function dots(rate: number, length: number): number {
  if (rate <= 0) return 0;
  const density = Math.max(2 + 2 * Math.log10(rate), 0.7);
  return Math.min(Math.max(density * Math.min(length / USUAL_LENGTH, 3), 1), MOST_DOTS);
}

export function speed(latencyMs: number | null): number {
  if (latencyMs === null) return UNTIMED;
  const slow = Math.min(Math.max(Math.log10(Math.max(latencyMs, 1)) / 4, 0), 1);
  return FASTEST + (SLOWEST - FASTEST) * slow;
}

export function lengthOf({ from, first, second, to }: Curve): number {
  const between = (one: { x: number; y: number }, other: { x: number; y: number }) =>
    Math.hypot(other.x - one.x, other.y - one.y);
  return (between(from, to) + between(from, first) + between(first, second) + between(second, to)) / 2;
}

interface Running {
  /** Ways a second, and where the first dot was at `since`. */
  turns: number;
  phase: number;
  since: number;
}

export interface Streams {
  keys: readonly string[];
  values: Float32Array;
  /** The most that any edge has. */
  dots: number;
}

const isDrawn = (measured: Measured): boolean => isActive(measured) || isFailing(measured) || isAttempted(measured);

export class Streaming {
  private running = new Map<string, Running>();

  /** As of `now`, in seconds; the shader counts the time from there. */
  at(scene: Scene, loads: Loads, now: number): Streams {
    const keys: string[] = [];
    for (const [key, { measured }] of loads) if (isDrawn(measured) && scene.edges.has(key)) keys.push(key);
    const values = new Float32Array(keys.length * FLOATS);
    const running = new Map<string, Running>();
    let most = 0;
    keys.forEach((key, place) => {
      const { curve, source, destination } = scene.edges.get(key)!;
      const { measured } = loads.get(key)!;
      const length = lengthOf(curve);
      const turns = speed(measured.p50) / Math.max(length, 40);
      const before = this.running.get(key);
      const phase = before ? (before.phase + (now - before.since) * before.turns) % 1 : phaseOf(key);
      running.set(key, { turns, phase, since: now });
      const count = dots(measured.rate || (measured.bytes ?? 0) / BYTES, length);
      most = Math.max(most, Math.ceil(count));
      const { from, first, second, to } = curve;
      values.set([from.x, from.y, first.x, first.y, second.x, second.y, to.x, to.y], place * FLOATS);
      values.set(
        [
          scene.vertices.get(source)!.radius,
          scene.vertices.get(destination)!.radius,
          count,
          turns,
          phase,
          measured.errorRatio ?? 0,
          measured.isStale ? 0.35 : 1,
          isFailing(measured) ? 1 : 0,
          isAttempted(measured) ? 1 : 0,
        ],
        place * FLOATS + 8,
      );
    });
    this.running = running;
    return { keys, values, dots: most };
  }
}

/** Not all edges begin alike. */
function phaseOf(key: string): number {
  let hash = 0;
  for (let at = 0; at < key.length; at++) hash = (hash * 31 + key.charCodeAt(at)) | 0;
  return ((hash >>> 0) % 1000) / 1000;
}
