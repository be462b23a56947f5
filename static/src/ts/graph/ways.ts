// The line of an edge as it is drawn at a scale: from the border of one vertex to that of the other.
import { type Curve, trimmed } from "./curve";
import { screenRadius } from "./gl/frame";
import type { Scene, SceneEdge } from "./scene";

// Pixels between a vertex and the line; the shaders have the same.
const BEFORE = 1.5;
const AFTER = 3;

export function drawnWay(scene: Scene, edge: SceneEdge, scale: number): Curve {
  const radius = (key: string) => screenRadius(scene.vertices.get(key)!.radius, scale);
  return trimmed(
    edge.curve,
    (radius(edge.source) + BEFORE) / scale,
    (radius(edge.destination) + AFTER) / scale,
  );
}
