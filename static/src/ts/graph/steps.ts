// Walking the graph by arrow keys: to the right along a call, to the left to a caller, up and down among those that
// the same step could have reached, or to the nearest where there was none.
import type { Scene, SceneVertex } from "./scene";

export type Direction = "right" | "left" | "up" | "down";

/** Where the last step came from: up and down choose among its other ways. */
export interface Step {
  from: string;
  direction: "right" | "left";
}

export interface Walk {
  at: string;
  step: Step | null;
}

const byPlace = (one: SceneVertex, other: SceneVertex): number =>
  one.y - other.y || one.x - other.x || (one.key < other.key ? -1 : 1);

export function reached(scene: Scene, from: string, direction: "right" | "left"): SceneVertex[] {
  const [here, there] =
    direction === "right" ? (["source", "destination"] as const) : (["destination", "source"] as const);
  return [...scene.edges.values()]
    .filter((edge) => edge[here] === from && edge[there] !== from)
    .map((edge) => scene.vertices.get(edge[there])!)
    .sort(byPlace);
}

function nearest(among: readonly SceneVertex[], to: SceneVertex): SceneVertex | undefined {
  const away = ({ x, y }: SceneVertex) => Math.hypot(x - to.x, (y - to.y) * 2);
  return [...among].sort((one, other) => away(one) - away(other) || byPlace(one, other))[0];
}

function aside(scene: Scene, walk: Walk, at: SceneVertex, direction: "up" | "down"): Walk {
  const sign = direction === "down" ? 1 : -1;
  if (walk.step) {
    const ways = reached(scene, walk.step.from, walk.step.direction);
    const next = ways[ways.findIndex(({ key }) => key === walk.at) + sign];
    if (ways.length > 1 && next) return { at: next.key, step: walk.step };
  }
  const beyond = [...scene.vertices.values()].filter(({ key, y }) => key !== at.key && (y - at.y) * sign > 0);
  const near = nearest(beyond, at);
  return near ? { at: near.key, step: null } : walk;
}

export function walked(scene: Scene, walk: Walk, direction: Direction): Walk {
  const at = scene.vertices.get(walk.at);
  if (!at) return first(scene) ?? walk;
  if (direction === "up" || direction === "down") return aside(scene, walk, at, direction);
  const next = nearest(reached(scene, walk.at, direction), at);
  return next ? { at: next.key, step: { from: walk.at, direction } } : walk;
}

/** Where a walk begins: at what calls and is not called, the leftmost of that, if there is such a vertex. */
export function first(scene: Scene): Walk | null {
  const edges = [...scene.edges.values()];
  const calling = new Set(edges.map((edge) => edge.source));
  const called = new Set(edges.map((edge) => edge.destination));
  const all = [...scene.vertices.values()].sort((one, other) => one.x - other.x || byPlace(one, other));
  const start = all.find(({ key }) => calling.has(key) && !called.has(key)) ?? all[0];
  return start ? { at: start.key, step: null } : null;
}
