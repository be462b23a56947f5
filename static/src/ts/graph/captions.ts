// What is written at one step of the scale.
import { pointAt } from "./curve";
import { screenRadius } from "./gl/frame";
import { type Name, named, Occupancy, type WidthOf } from "./labels";
import type { Scene, SceneEdge } from "./scene";
import { lengthOf } from "./traffic/stream";
import type { Point } from "./types";
import { drawnWay } from "./ways";

export interface Captions {
  names: readonly Name[];
  /** The edges with how many calls they stand for, or with a number of their traffic. */
  counts: readonly SceneEdge[];
}

export type Figures = (edge: SceneEdge) => { text: string; isStale: boolean };

const MOST_FIGURES = 400;
const FIGURE = { width: 58, height: 18 } as const;

/** Beside the mark of the verdict, which is in the middle. */
export const figureAt = ({ verdicts }: SceneEdge): number => (verdicts.deny + verdicts.conditional ? 0.27 : 0.4);

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

/** Edges with a number, those of many calls and the short ones first, where it covers no vertex and no other number. */
function figured(scene: Scene, scale: number, figures: Figures): SceneEdge[] {
  const taken = new Occupancy();
  const area = ({ x, y }: Point, wide: number, high: number) => ({
    left: x * scale - wide,
    top: y * scale - high,
    right: x * scale + wide,
    bottom: y * scale + high,
  });
  for (const vertex of scene.vertices.values()) {
    const reach = screenRadius(vertex.radius, scale) + 2;
    taken.take(area(vertex, reach, reach));
  }
  const chosen: SceneEdge[] = [];
  const long = [...scene.edges.values()]
    .map((edge) => ({ edge, length: lengthOf(edge.curve) * scale }))
    .filter(({ edge, length }) => length > SHORTEST && figures(edge).text !== "")
    .sort((one, other) => other.edge.edges.length - one.edge.edges.length || one.length - other.length);
  for (const { edge } of long) {
    const place = area(pointAt(drawnWay(scene, edge, scale), figureAt(edge)), FIGURE.width / 2, FIGURE.height / 2);
    if (!taken.isFree(place)) continue;
    taken.take(place);
    chosen.push(edge);
    if (chosen.length === MOST_FIGURES) break;
  }
  return chosen;
}

export function captions(scene: Scene, scale: number, widthOf: WidthOf, figures: Figures): Captions {
  const withFigures = figured(scene, scale, figures);
  return {
    names: named(scene, scale, widthOf),
    counts: withFigures.length ? withFigures : counted(scene, scale),
  };
}
