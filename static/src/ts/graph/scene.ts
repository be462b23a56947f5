// What is drawn, in the layout's units: services, collapsed groups as one vertex each, the edges between them
// (several calls between two groups are one edge that counts them), and the boxes of expanded groups.
import { type Curve, curve } from "./curve";
import type { Model } from "./model";
import type { Bounds, Edge, Health, Point, Verdict, Vertex } from "./types";
import type { Grouping } from "./view";
import type { Visible } from "./visible";

export type Shape = "service" | "gateway" | "group";

export interface HealthCounts {
  passing: number;
  warning: number;
  critical: number;
  unknown: number;
}

export interface SceneVertex {
  key: string;
  label: string;
  x: number;
  y: number;
  radius: number;
  shape: Shape;
  health: Health;
  /** Of a service its instances, of a collapsed group its services. */
  counts: HealthCounts;
  isHollow: boolean;
  isPinned: boolean;
  isFound: boolean;
  service: Vertex | null;
  group: string;
  services: readonly Vertex[];
}

export interface SceneEdge {
  key: string;
  source: string;
  destination: string;
  verdicts: Record<Verdict, number>;
  isByDefault: boolean;
  isDeclared: boolean;
  hasMtls: boolean;
  isFound: boolean;
  edges: readonly Edge[];
  curve: Curve;
}

export interface Box extends Bounds {
  group: string;
  services: readonly Vertex[];
  counts: HealthCounts;
  isFolded: boolean;
}

export interface Scene {
  vertices: ReadonlyMap<string, SceneVertex>;
  edges: ReadonlyMap<string, SceneEdge>;
  boxes: readonly Box[];
  bounds: Bounds;
  isGrouped: boolean;
}

/** Above this many services, groups begin collapsed. */
export const MOST_EXPANDED = 150;
const BOX_PADDING = 52;
// Names are wider than the vertices that they stand under.
const BOX_SIDES = 44;
const BOX_HEADER = 30;

// A group's key cannot be a service's: no name holds a line break.
export const groupKey = (group: string): string => `\n${group}`;
export const sceneEdgeKey = (source: string, destination: string): string => `${source}\n\n${destination}`;

const WORST: readonly Health[] = ["critical", "warning", "unknown", "passing"];

export function counted(services: readonly Vertex[]): HealthCounts {
  const counts: HealthCounts = { passing: 0, warning: 0, critical: 0, unknown: 0 };
  for (const { health } of services) counts[health]++;
  return counts;
}

export const worst = (counts: HealthCounts): Health =>
  WORST.find((health) => counts[health] > 0) ?? "unknown";

const serviceRadius = (instances: number): number => Math.min(18 + 3.2 * Math.log2(1 + instances), 30);
/** By its services, as far as its box has room for it and its name. */
const groupRadius = (services: number, { left, top, right, bottom }: Bounds): number =>
  Math.min(40 + 8 * Math.sqrt(services), Math.max((bottom - top) * 0.24, 40), (right - left) * 0.25, 120);

export function boundsOf(points: Iterable<Point>, padding: number): Bounds {
  const around: Bounds = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const { x, y } of points) {
    around.left = Math.min(around.left, x - padding);
    around.top = Math.min(around.top, y - padding);
    around.right = Math.max(around.right, x + padding);
    around.bottom = Math.max(around.bottom, y + padding);
  }
  return around.left === Infinity ? { left: -200, top: -200, right: 200, bottom: 200 } : around;
}

function byGroup(vertices: readonly Vertex[]): Map<string, Vertex[]> {
  const groups = new Map<string, Vertex[]>();
  for (const vertex of vertices) {
    if (!vertex.group) continue;
    const members = groups.get(vertex.group);
    if (members) members.push(vertex);
    else groups.set(vertex.group, [vertex]);
  }
  return groups;
}

function box(group: string, services: readonly Vertex[], isFolded: boolean): Box {
  const around = boundsOf(services, BOX_PADDING);
  return {
    left: around.left - BOX_SIDES,
    top: around.top - BOX_HEADER,
    right: around.right + BOX_SIDES,
    bottom: around.bottom,
    group,
    services,
    counts: counted(services),
    isFolded,
  };
}

function ofService(vertex: Vertex, isFound: boolean): SceneVertex {
  const { passing, warning, critical, instances } = vertex;
  return {
    key: vertex.service,
    label: vertex.service,
    x: vertex.x,
    y: vertex.y,
    radius: serviceRadius(instances),
    shape: vertex.kind === "typical" ? "service" : "gateway",
    health: vertex.health,
    counts: { passing, warning, critical, unknown: Math.max(instances - passing - warning - critical, 0) },
    isHollow: !vertex.is_registered,
    isPinned: vertex.pinned,
    isFound,
    service: vertex,
    group: vertex.group,
    services: [vertex],
  };
}

function ofGroup(around: Box, isFound: boolean): SceneVertex {
  const { group, services, counts, left, right, top, bottom } = around;
  return {
    key: groupKey(group),
    label: group,
    x: (left + right) / 2,
    // A little above the middle: its name stands below it, inside the box.
    y: (top + bottom) / 2 - (bottom - top) * 0.1,
    radius: groupRadius(services.length, around),
    shape: "group",
    health: worst(counts),
    counts,
    isHollow: false,
    isPinned: false,
    isFound,
    service: null,
    group,
    services,
  };
}

function merged(
  key: string,
  source: SceneVertex,
  destination: SceneVertex,
  edges: Edge[],
  isFound: boolean,
): SceneEdge {
  const verdicts: Record<Verdict, number> = { allow: 0, deny: 0, conditional: 0, unknown: 0 };
  for (const { verdict } of edges) verdicts[verdict]++;
  return {
    key,
    source: source.key,
    destination: destination.key,
    verdicts,
    isByDefault: edges.every((edge) => edge.by_default),
    isDeclared: edges.some((edge) => edge.declared),
    hasMtls: edges.every((edge) => edge.mtls),
    isFound,
    edges,
    curve: curve(source, destination, source.radius),
  };
}

function betweenVertices(visible: Visible, place: ReadonlyMap<string, SceneVertex>): Map<string, SceneEdge> {
  const members = new Map<string, Edge[]>();
  for (const edge of visible.edges) {
    const [source, destination] = [place.get(edge.source), place.get(edge.destination)];
    if (!source || !destination || (source === destination && source.shape === "group")) continue;
    const key = sceneEdgeKey(source.key, destination.key);
    const there = members.get(key);
    if (there) there.push(edge);
    else members.set(key, [edge]);
  }
  const edges = new Map<string, SceneEdge>();
  for (const [key, merging] of members) {
    const source = place.get(merging[0]!.source)!;
    const destination = place.get(merging[0]!.destination)!;
    const isFound = merging.some((edge) => visible.found?.edges.has(edge));
    edges.set(key, merged(key, source, destination, merging, isFound));
  }
  return edges;
}

/** Whether groups stand collapsed when the viewer has not said; asked when the view changes, not at every change of
 * the mesh, or a new service could fold the whole picture under the viewer's eyes. */
export function collapsesByItself(visible: Visible): boolean {
  return visible.vertices.length > MOST_EXPANDED;
}

export function isCollapsed(
  group: string,
  grouping: Grouping,
  otherwise: ReadonlySet<string>,
  auto: boolean,
): boolean {
  return (grouping === "auto" ? auto : grouping === "collapsed") !== otherwise.has(group);
}

export function scene(visible: Visible, isFolded: (group: string) => boolean): Scene {
  const vertices = new Map<string, SceneVertex>();
  const place = new Map<string, SceneVertex>();
  const boxes: Box[] = [];
  const groups = byGroup(visible.vertices);
  const isFound = (vertex: Vertex) => visible.found?.services.has(vertex.service) ?? false;
  for (const [group, services] of groups) {
    const around = box(group, services, isFolded(group));
    boxes.push(around);
    if (!around.isFolded) continue;
    const folded = ofGroup(around, services.some(isFound));
    vertices.set(folded.key, folded);
    for (const { service } of services) place.set(service, folded);
  }
  for (const vertex of visible.vertices) {
    if (place.has(vertex.service)) continue;
    const own = ofService(vertex, isFound(vertex));
    vertices.set(own.key, own);
    place.set(vertex.service, own);
  }
  return {
    vertices,
    edges: betweenVertices(visible, place),
    boxes,
    bounds: sceneBounds(vertices.values(), boxes),
    isGrouped: groups.size > 0,
  };
}

function sceneBounds(vertices: Iterable<SceneVertex>, boxes: readonly Box[]): Bounds {
  const corners = boxes.flatMap(({ left, top, right, bottom }) => [
    { x: left + BOX_PADDING, y: top + BOX_PADDING },
    { x: right - BOX_PADDING, y: bottom - BOX_PADDING },
  ]);
  return boundsOf([...vertices, ...corners], BOX_PADDING);
}

const GRAVEST: readonly Verdict[] = ["deny", "conditional", "unknown", "allow"];

/** Of an edge that stands for several calls, the verdict that most needs an eye. */
export function gravest({ verdicts }: SceneEdge): Verdict {
  return GRAVEST.find((verdict) => verdicts[verdict] > 0) ?? "unknown";
}

/** The vertex that shows this service now: its own, or its group's. */
export function shownAs(scene: Scene, model: Model, service: string): SceneVertex | undefined {
  return (
    scene.vertices.get(service) ?? scene.vertices.get(groupKey(model.vertices.get(service)?.group ?? ""))
  );
}
