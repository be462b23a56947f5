// What is written at one step of the scale.
import { pointAt } from "./curve";
import { screenRadius } from "./gl/frame";
import { type Name, named, type WidthOf } from "./labels";
import type { Scene, SceneEdge } from "./scene";
import type { Point } from "./types";
import { drawnWay } from "./ways";

export interface Captions {
  names: readonly Name[];
  counts: readonly SceneEdge[];
}

const MOST_COUNTS = 120;
/** An edge shorter than this many pixels has no room for its count. */
const SHORTEST = 70;
const CLEARANCE = 12;

/** Edges that stand for several calls, where their count covers no vertex and no other count. */
function counted(scene: Scene, scale: number): SceneEdge[] {
  const vertices = [...scene.vertices.values()];
  const taken: Point[] = [];
  const isFree = (edge: SceneEdge): boolean => {
    const at = pointAt(drawnWay(scene, edge, scale), 0.5);
    const away = ({ x, y }: Point) => Math.hypot(x - at.x, y - at.y) * scale;
    if (vertices.some((vertex) => away(vertex) < screenRadius(vertex.radius, scale) + CLEARANCE))
      return false;
    if (taken.some((other) => away(other) < 2 * CLEARANCE)) return false;
    taken.push(at);
    return true;
  };
  const isLong = ({ curve: { from, to } }: SceneEdge) =>
    Math.hypot(to.x - from.x, to.y - from.y) * scale > SHORTEST;
  return [...scene.edges.values()]
    .filter((edge) => edge.edges.length > 1 && isLong(edge))
    .sort((one, other) => other.edges.length - one.edges.length)
    .slice(0, MOST_COUNTS)
    .filter(isFree);
}

export function captions(scene: Scene, scale: number, widthOf: WidthOf): Captions {
  return { names: named(scene, scale, widthOf), counts: counted(scene, scale) };
}
