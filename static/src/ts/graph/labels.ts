// Which names are written: those that matter most, as long as they cover neither one another nor a vertex.
import { screenRadius } from "./gl/frame";
import type { Scene, SceneVertex } from "./scene";

export const MOST_LABELS = 400;
const LABEL_HEIGHT = 14;
/** Pixels between a vertex and its name. */
export const LABEL_GAP = 5;

/** From this scale on a service is named; sick ones sooner, groups always. */
const NAMED_FROM = { group: 0, sick: 0.24, service: 0.3 } as const;
/** So many have their names at any scale, if there is room. */
const FEW = 60;
const LEAST_KEPT = 6;
/** More letters than these are not read from a picture; the tip has the whole name. */
const LONGEST_NAME = 26;
const CELL = 64;
const STEP = 1.12;

interface Area {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Areas on the screen that are taken, by the cells of a coarse grid that they touch. */
export class Occupancy {
  private readonly cells = new Map<number, Area[]>();

  isFree(area: Area): boolean {
    return !this.touched(area).some((key) => this.cells.get(key)?.some((other) => overlap(area, other)));
  }

  take(area: Area): void {
    for (const key of this.touched(area)) {
      const there = this.cells.get(key);
      if (there) there.push(area);
      else this.cells.set(key, [area]);
    }
  }

  private touched({ left, top, right, bottom }: Area): number[] {
    const keys: number[] = [];
    for (let column = Math.floor(left / CELL); column <= Math.floor(right / CELL); column++) {
      for (let row = Math.floor(top / CELL); row <= Math.floor(bottom / CELL); row++) {
        // Two cells that are so far apart as to share a key only cost a comparison.
        keys.push(column * 65_536 + row);
      }
    }
    return keys;
  }
}

const overlap = (one: Area, other: Area): boolean =>
  other.right > one.left && other.left < one.right && other.bottom > one.top && other.top < one.bottom;

const isSick = ({ health, isHollow }: SceneVertex): boolean =>
  !isHollow && (health === "critical" || health === "warning");

function namedFrom(vertex: SceneVertex, isSparse: boolean): number {
  if (vertex.shape === "group" || isSparse) return NAMED_FROM.group;
  return isSick(vertex) || vertex.isFound ? NAMED_FROM.sick : NAMED_FROM.service;
}

function weight(vertex: SceneVertex, degrees: ReadonlyMap<string, number>): number {
  const kind = vertex.shape === "group" ? 1e6 : 0;
  const found = vertex.isFound ? 1e5 : 0;
  const sick = vertex.health === "critical" ? 1e4 : vertex.health === "warning" ? 1e3 : 0;
  return kind + found + (vertex.isHollow ? 0 : sick) + (degrees.get(vertex.key) ?? 0);
}

function degrees(scene: Scene): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { source, destination } of scene.edges.values()) {
    counts.set(source, (counts.get(source) ?? 0) + 1);
    counts.set(destination, (counts.get(destination) ?? 0) + 1);
  }
  return counts;
}

export interface Name {
  vertex: SceneVertex;
  text: string;
}

/** The width of a vertex's name, or of a part of it. */
export type WidthOf = (vertex: SceneVertex, text: string) => number;

/** A long name without its middle: what tells services apart is more often at an end. */
export function shortened(label: string, kept: number): string {
  return `${label.slice(0, Math.ceil(kept / 2))}…${label.slice(label.length - Math.floor(kept / 2))}`;
}

function* shapes(label: string): Generator<string> {
  const most = label.length > LONGEST_NAME ? LONGEST_NAME - 1 : label.length;
  yield most < label.length ? shortened(label, most) : label;
  for (let kept = most - 3; kept >= LEAST_KEPT; kept -= 3) yield shortened(label, kept);
}

/** The vertices to name at this scale, the weightiest first, with as much of their names as there is room for. What is
 * on the screen does not matter, so that no name comes or goes while the picture is only moved. */
export function named(scene: Scene, scale: number, widthOf: WidthOf): Name[] {
  const taken = new Occupancy();
  for (const vertex of scene.vertices.values()) {
    const reach = screenRadius(vertex.radius, scale) * 0.7;
    const [x, y] = [vertex.x * scale, vertex.y * scale];
    const area = { left: x - reach, top: y - reach, right: x + reach, bottom: y + reach };
    taken.take(area);
  }
  const count = degrees(scene);
  const isSparse = scene.vertices.size <= FEW;
  const candidates = [...scene.vertices.values()]
    .filter((vertex) => scale >= namedFrom(vertex, isSparse))
    .map((vertex) => ({ vertex, weight: weight(vertex, count) }))
    .sort((one, other) => other.weight - one.weight || (one.vertex.key < other.vertex.key ? -1 : 1));
  const chosen: Name[] = [];
  for (const { vertex } of candidates) {
    const top = vertex.y * scale + screenRadius(vertex.radius, scale) + LABEL_GAP;
    for (const text of shapes(vertex.label)) {
      const half = widthOf(vertex, text) / 2 + 2;
      const area = {
        left: vertex.x * scale - half,
        top,
        right: vertex.x * scale + half,
        bottom: top + LABEL_HEIGHT,
      };
      if (!taken.isFree(area)) continue;
      taken.take(area);
      chosen.push({ vertex, text });
      break;
    }
  }
  return chosen;
}

/** Names are chosen anew at these steps of the scale, each for the smaller end of its step. */
export const labelStep = (scale: number): number => STEP ** Math.floor(Math.log(scale) / Math.log(STEP));
