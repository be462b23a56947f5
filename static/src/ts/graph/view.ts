// How one viewer looks at the graph, and its place in the page's URL.

import { LABEL_CHOICES, type LabelChoice } from "./traffic/figures";

export type Selection =
  { kind: "service"; service: string } | { kind: "edge"; source: string; destination: string };

export interface Camera {
  /** The point of the layout in the middle of the screen, and pixels for each of its units. */
  x: number;
  y: number;
  scale: number;
}

export type Grouping = "auto" | "collapsed" | "expanded";

export interface View {
  camera: Camera | null;
  selection: Selection | null;
  focus: string;
  hops: number;
  find: string;
  hide: string;
  grouping: Grouping;
  /** The groups that are not as `grouping` says. */
  otherwise: ReadonlySet<string>;
  /** The legend's entries that are switched off. */
  off: ReadonlySet<string>;
  /** The number that stands on edges. */
  labels: LabelChoice;
  /** Whether traffic moves; else marks say how much there is. */
  isMoving: boolean;
  hasLegend: boolean;
  hasMinimap: boolean;
  hasOutline: boolean;
}

export const MOST_HOPS = 5;

export const INITIAL: View = {
  camera: null,
  selection: null,
  focus: "",
  hops: 1,
  find: "",
  hide: "",
  grouping: "auto",
  otherwise: new Set(),
  off: new Set(),
  labels: "rps",
  isMoving: true,
  hasLegend: true,
  hasMinimap: true,
  hasOutline: false,
};

const OWN = [
  "at",
  "service",
  "source",
  "destination",
  "focus",
  "hops",
  "find",
  "hide",
  "groups",
  "otherwise",
  "off",
  "labels",
  "motion",
  "legend",
  "minimap",
  "words",
] as const;

function writtenCamera({ x, y, scale }: Camera): string {
  return `${Math.round(x)},${Math.round(y)},${Number(scale.toPrecision(3))}`;
}

function readCamera(text: string | null): Camera | null {
  const [x, y, scale] = (text ?? "").split(",").map(Number);
  const isWhole = [x, y, scale].every((part) => Number.isFinite(part));
  return isWhole && scale !== undefined && scale > 0 ? { x: x ?? 0, y: y ?? 0, scale } : null;
}

function readSelection(params: URLSearchParams): Selection | null {
  const service = params.get("service");
  if (service) return { kind: "service", service };
  const [source, destination] = [params.get("source"), params.get("destination")];
  return source && destination ? { kind: "edge", source, destination } : null;
}

function writtenSelection(selection: Selection | null): [string, string][] {
  if (!selection) return [];
  if (selection.kind === "service") return [["service", selection.service]];
  return [
    ["source", selection.source],
    ["destination", selection.destination],
  ];
}

// A list's parts are separated by a comma, so a comma in a group's name is escaped once more.
const list = (parts: ReadonlySet<string>): string => [...parts].sort().map(encodeURIComponent).join(",");

function readList(text: string | null): Set<string> {
  try {
    return new Set((text ?? "").split(",").filter(Boolean).map(decodeURIComponent));
  } catch {
    return new Set();
  }
}

/** The query of the page for this view; parameters that are not the graph's stay. */
export function written(view: View, before: URLSearchParams): URLSearchParams {
  const params = new URLSearchParams(before);
  for (const name of OWN) params.delete(name);
  const grouping = view.grouping === "auto" ? "" : view.grouping;
  const values: [string, string][] = [
    ["at", view.camera ? writtenCamera(view.camera) : ""],
    ...writtenSelection(view.selection),
    ["focus", view.focus],
    ["hops", view.focus && view.hops !== INITIAL.hops ? String(view.hops) : ""],
    ["find", view.find.trim()],
    ["hide", view.hide.trim()],
    ["groups", grouping],
    ["otherwise", list(view.otherwise)],
    ["off", list(view.off)],
    ["labels", view.labels === INITIAL.labels ? "" : view.labels],
    ["motion", view.isMoving ? "" : "no"],
    ["legend", view.hasLegend ? "" : "no"],
    ["minimap", view.hasMinimap ? "" : "no"],
    ["words", view.hasOutline ? "yes" : ""],
  ];
  for (const [name, value] of values) if (value) params.set(name, value);
  return params;
}

export function read(params: URLSearchParams): View {
  const grouping = params.get("groups");
  const hops = Number(params.get("hops") ?? INITIAL.hops);
  return {
    camera: readCamera(params.get("at")),
    selection: readSelection(params),
    focus: params.get("focus") ?? "",
    hops: Number.isInteger(hops) ? Math.min(Math.max(hops, 1), MOST_HOPS) : INITIAL.hops,
    find: params.get("find") ?? "",
    hide: params.get("hide") ?? "",
    grouping: grouping === "collapsed" || grouping === "expanded" ? grouping : "auto",
    otherwise: readList(params.get("otherwise")),
    off: readList(params.get("off")),
    labels: LABEL_CHOICES.find(([choice]) => choice === params.get("labels"))?.[0] ?? INITIAL.labels,
    isMoving: params.get("motion") !== "no",
    hasLegend: params.get("legend") !== "no",
    hasMinimap: params.get("minimap") !== "no",
    hasOutline: params.get("words") === "yes",
  };
}
