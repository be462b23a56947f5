// What stands out and how far the rest steps back: what the pointer is on before what was found, that before what is
// selected.
import type { Scene, SceneVertex } from "./scene";
import { selectedKeys, type State } from "./state";

export interface Emphasized {
  keys: ReadonlySet<string>;
  dim: number;
}

const NOTHING: Emphasized = { keys: new Set(), dim: 0 };

export function around(scene: Scene, vertex: SceneVertex): Set<string> {
  const keys = new Set([vertex.key]);
  for (const edge of scene.edges.values()) {
    if (edge.source !== vertex.key && edge.destination !== vertex.key) continue;
    keys.add(edge.key).add(edge.source).add(edge.destination);
  }
  return keys;
}

function withEnds(scene: Scene, keys: Iterable<string>): Set<string> {
  const all = new Set(keys);
  for (const key of keys) {
    const edge = scene.edges.get(key);
    const vertex = scene.vertices.get(key);
    if (edge) all.add(edge.source).add(edge.destination);
    if (vertex) for (const near of around(scene, vertex)) all.add(near);
  }
  return all;
}

function found({ scene, visible }: State): Emphasized | null {
  if (!visible.found) return null;
  const keys = new Set<string>();
  for (const vertex of scene.vertices.values()) if (vertex.isFound) keys.add(vertex.key);
  for (const edge of scene.edges.values())
    if (edge.isFound) keys.add(edge.key).add(edge.source).add(edge.destination);
  return { keys, dim: 0.85 };
}

export function emphasized(state: State): Emphasized {
  const { hovered, scene, walked } = state;
  if (hovered?.kind === "vertex") return { keys: around(scene, hovered.vertex), dim: 1 };
  if (hovered?.kind === "edge") return { keys: withEnds(scene, [hovered.edge.key]), dim: 0.8 };
  const at = walked === null ? undefined : scene.vertices.get(walked);
  if (at) return { keys: around(scene, at), dim: 0.8 };
  const ofFind = found(state);
  if (ofFind) return ofFind;
  const selected = selectedKeys(state);
  return selected.size ? { keys: withEnds(scene, [...selected]), dim: 0.7 } : NOTHING;
}
