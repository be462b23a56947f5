// The attributes that graphology keeps for sigma, and that the programs read.
import type { EdgeDisplayData, NodeDisplayData } from "sigma/types";
import type { HealthCounts, SceneEdge, SceneVertex } from "../scene";
import { type Load, steadyStep, step } from "../traffic/loads";
import { FLAG, flagsOf, framedX, framedY } from "./frame";

export interface VertexLook {
  x: number;
  y: number;
  radius: number;
  shape: number;
  health: number;
  /** Shares of passing, warning and critical; the rest is unknown. */
  shares: readonly [number, number, number];
  flags: number;
  born: number;
  turned: number;
}

export interface EdgeLook {
  /** from, first, second, to: sigma's coordinates. */
  way: readonly number[];
  /** Which program draws it. */
  type: "edge" | "long";
  radii: readonly [number, number];
  /** Shares of denied, conditional and unknown; the rest is allowed. */
  shares: readonly [number, number, number];
  width: number;
  flags: number;
  born: number;
  turned: number;
}

export type SigmaVertex = NodeDisplayData & VertexLook;
export type SigmaEdge = EdgeDisplayData & EdgeLook;

const LONG = 700;
/** By the steps of the rate, each ten times the one before. */
const WIDTHS = [1.6, 2.1, 2.8, 3.6, 4.5] as const;
const SHAPES = { service: 0, gateway: 1, group: 2 } as const;
const HEALTHS = { passing: 0, warning: 1, critical: 2, unknown: 3 } as const;

function shares({ passing, warning, critical, unknown }: HealthCounts): [number, number, number] {
  const all = passing + warning + critical + unknown || 1;
  return [passing / all, warning / all, critical / all];
}

// sigma turns x and y, and them alone, into its own coordinates; the layout's y runs downward.
export function vertexLook(
  vertex: SceneVertex,
  isSelected: boolean,
  born: number,
  turned: number,
): VertexLook {
  return {
    x: vertex.x,
    y: -vertex.y,
    radius: vertex.radius,
    shape: SHAPES[vertex.shape],
    health: HEALTHS[vertex.health],
    shares: shares(vertex.counts),
    flags: flagsOf({
      selected: isSelected,
      found: vertex.isFound,
      hollow: vertex.isHollow,
      pinned: vertex.isPinned,
    }),
    born,
    turned,
  };
}

function widthStep(rate: number, before: number): number {
  const at = WIDTHS.findIndex((width) => width === before);
  return at < 0 ? step(rate) : steadyStep(rate, at + 1);
}

type Carried = Pick<EdgeLook, "width" | "flags">;

/** What of an edge's look follows from what passes over it; `before` is the width that it has. */
export function carried(
  edge: SceneEdge,
  { measured, seen }: Load,
  isSelected: boolean,
  before = 0,
): Carried {
  const isSeen = seen === "active" || seen === "quiet";
  return {
    width: measured.rate
      ? WIDTHS[widthStep(measured.rate, before) - 1]!
      : Math.min(1.5 + 0.55 * Math.log2(edge.edges.length), 5),
    flags: flagsOf({
      selected: isSelected,
      found: edge.isFound,
      dotted: !edge.isDeclared && !isSeen,
      dashed: !edge.isDeclared && isSeen,
      silent: edge.isDeclared && seen === "silent",
      faint: edge.isByDefault,
      plaintext: !edge.hasMtls,
    }),
  };
}

export function edgeLook(
  edge: SceneEdge,
  radii: readonly [number, number],
  load: Load,
  isSelected: boolean,
  born: number,
  turned: number,
): EdgeLook {
  const { from, first, second, to } = edge.curve;
  const all = edge.edges.length;
  return {
    way: [from, first, second, to].flatMap(({ x, y }) => [framedX(x), framedY(y)]),
    type: Math.hypot(to.x - from.x, to.y - from.y) > LONG ? "long" : "edge",
    radii,
    shares: [edge.verdicts.deny / all, edge.verdicts.conditional / all, edge.verdicts.unknown / all],
    ...carried(edge, load, isSelected),
    born,
    turned,
  };
}

export const lit = <Look extends { flags: number }>(look: Look): Look => ({
  ...look,
  flags: look.flags + FLAG.lit,
});
