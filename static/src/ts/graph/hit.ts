// What is under a point of the layout.
import { bounds, distance } from "./curve";
import { screenRadius } from "./gl/frame";
import type { Box, Scene, SceneEdge, SceneVertex } from "./scene";
import type { Point } from "./types";
import { drawnWay } from "./ways";

export type Hit =
  | { kind: "vertex"; vertex: SceneVertex }
  | { kind: "edge"; edge: SceneEdge; at: Point }
  | { kind: "box"; box: Box };

/** Pixels around a thing in which it is still meant. */
const NEAR_VERTEX = 4;
const NEAR_EDGE = 6;
/** The strip of a box that folds it, in pixels from its top. */
export const HEADER = 28;

function vertexAt(scene: Scene, at: Point, scale: number): SceneVertex | null {
  let nearest: SceneVertex | null = null;
  let best = Infinity;
  for (const vertex of scene.vertices.values()) {
    const reach = (screenRadius(vertex.radius, scale) + NEAR_VERTEX) / scale;
    const away = Math.hypot(vertex.x - at.x, vertex.y - at.y);
    if (away <= reach && away < best) [nearest, best] = [vertex, away];
  }
  return nearest;
}

function edgeAt(scene: Scene, at: Point, scale: number): SceneEdge | null {
  let nearest: SceneEdge | null = null;
  let best = NEAR_EDGE / scale;
  for (const edge of scene.edges.values()) {
    const { left, top, right, bottom } = bounds(edge.curve);
    if (at.x < left - best || at.x > right + best || at.y < top - best || at.y > bottom + best) continue;
    const away = distance(drawnWay(scene, edge, scale), at);
    if (away < best) [nearest, best] = [edge, away];
  }
  return nearest;
}

function headerAt(scene: Scene, at: Point, scale: number): Box | null {
  return (
    scene.boxes.find(
      ({ left, top, right, isFolded }) =>
        !isFolded &&
        at.x >= left &&
        at.x <= right &&
        at.y >= top &&
        at.y <= top + Math.max(HEADER / scale, 24),
    ) ?? null
  );
}

export function hit(scene: Scene, at: Point, scale: number): Hit | null {
  const vertex = vertexAt(scene, at, scale);
  if (vertex) return { kind: "vertex", vertex };
  const box = headerAt(scene, at, scale);
  if (box) return { kind: "box", box };
  const edge = edgeAt(scene, at, scale);
  return edge ? { kind: "edge", edge, at } : null;
}
