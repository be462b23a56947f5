// The way of an edge through the layout: a cubic curve that leaves to the right and arrives from the left, as the
// layers run; against the layers it bows aside, so a call and its answer-call are two lines.
import type { Bounds, Point } from "./types";

export interface Curve {
  from: Point;
  first: Point;
  second: Point;
  to: Point;
}

const STEPS = 16;
/** From this many units to the right on, an edge runs with the layers. */
const FORWARD = 90;
/** Longer and flatter than this, an edge would run through the vertices between its ends. */
const LONG = 300;
const FLAT = 40;

const mixed = (from: Point, to: Point, part: number): Point => ({
  x: from.x + (to.x - from.x) * part,
  y: from.y + (to.y - from.y) * part,
});

function smoothStep(from: number, to: number, value: number): number {
  const part = Math.min(Math.max((value - from) / (to - from), 0), 1);
  return part * part * (3 - 2 * part);
}

function loop(at: Point, radius: number): Curve {
  const reach = radius * 3.2;
  return {
    from: at,
    first: { x: at.x - reach, y: at.y - reach },
    second: { x: at.x + reach, y: at.y - reach },
    to: at,
  };
}

export function curve(from: Point, to: Point, radius: number): Curve {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy);
  if (length < 1) return loop(from, radius);
  const aside = Math.min(length * 0.2, 420);
  const normal = { x: (dy / length) * aside, y: (-dx / length) * aside };
  const bow = dx > LONG && Math.abs(dy) < FLAT ? -Math.min(dx * 0.16, 110) : 0;
  const reach = dx * 0.5;
  const part = smoothStep(0, FORWARD, dx);
  return {
    from,
    first: mixed(
      { x: from.x + dx * 0.25 + normal.x, y: from.y + dy * 0.25 + normal.y },
      { x: from.x + reach, y: from.y + bow },
      part,
    ),
    second: mixed(
      { x: to.x - dx * 0.25 + normal.x, y: to.y - dy * 0.25 + normal.y },
      { x: to.x - reach, y: to.y + bow },
      part,
    ),
    to,
  };
}

export function pointAt({ from, first, second, to }: Curve, at: number): Point {
  const rest = 1 - at;
  const [a, b, c, d] = [rest ** 3, 3 * rest * rest * at, 3 * rest * at * at, at ** 3];
  return {
    x: a * from.x + b * first.x + c * second.x + d * to.x,
    y: a * from.y + b * first.y + c * second.y + d * to.y,
  };
}

function towards(from: Point, to: Point, by: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  return { x: from.x + ((to.x - from.x) / length) * by, y: from.y + ((to.y - from.y) / length) * by };
}

/** The part of the curve outside its two vertices. */
export function trimmed(whole: Curve, fromRadius: number, toRadius: number): Curve {
  return {
    ...whole,
    from: towards(whole.from, whole.first, fromRadius),
    to: towards(whole.to, whole.second, toRadius),
  };
}

export function bounds({ from, first, second, to }: Curve): Bounds {
  return {
    left: Math.min(from.x, first.x, second.x, to.x),
    top: Math.min(from.y, first.y, second.y, to.y),
    right: Math.max(from.x, first.x, second.x, to.x),
    bottom: Math.max(from.y, first.y, second.y, to.y),
  };
}

function segmentDistance(point: Point, from: Point, to: Point): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = dx * dx + dy * dy || 1;
  const part = Math.min(Math.max(((point.x - from.x) * dx + (point.y - from.y) * dy) / length, 0), 1);
  return Math.hypot(point.x - from.x - dx * part, point.y - from.y - dy * part);
}

export function distance(of: Curve, point: Point): number {
  let nearest = Infinity;
  let before = of.from;
  for (let step = 1; step <= STEPS; step++) {
    const next = pointAt(of, step / STEPS);
    nearest = Math.min(nearest, segmentDistance(point, before, next));
    before = next;
  }
  return nearest;
}
