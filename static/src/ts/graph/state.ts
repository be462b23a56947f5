// One picture's state, and who follows it. Everything that is shown is computed from it; nobody keeps a copy.
import type { Hit } from "./hit";
import { edgeKey } from "./edge_key";
import { asksOfTraffic } from "./expression";
import { applied, carrying, type Model, type Noticed } from "./model";
import { collapsesByItself, isCollapsed, type Scene, scene } from "./scene";
import { type Loads, loads } from "./traffic/loads";
import type { Traffic } from "./traffic/traffic";
import type { Delta, Point } from "./types";
import type { View } from "./view";
import { TRAFFIC_TRAITS, type Visible, visible } from "./visible";

export interface State {
  readonly model: Model;
  readonly view: View;
  readonly visible: Visible;
  readonly scene: Scene;
  /** What passes over the edges of the scene. */
  readonly loads: Loads;
  /** Whether groups stand collapsed where the viewer has said nothing. */
  readonly isFolding: boolean;
  readonly hovered: Hit | null;
  /** The vertex that the keyboard is at. */
  readonly walked: string | null;
}

export type Follower = (state: State, before: State) => void;

const NOTHING_NOTICED: Noticed = { newVertices: [], newEdges: [], turnedEdges: [], turnedVertices: [] };

function drawn(
  model: Model,
  view: View,
  isFolding: boolean | null,
): Pick<State, "visible" | "scene" | "isFolding" | "loads"> {
  const seen = visible(model, view);
  const folding = isFolding ?? collapsesByItself(seen);
  const isFolded = (group: string) => isCollapsed(group, view.grouping, view.otherwise, folding);
  const shaped = scene(seen, isFolded);
  return { visible: seen, scene: shaped, isFolding: folding, loads: loads(shaped, model.traffic) };
}

/** Camera and panels change how one looks, not what there is to see. */
const SHAPING: readonly (keyof View)[] = ["focus", "hops", "find", "hide", "grouping", "otherwise", "off"];

function isShapedByTraffic({ find, hide, off }: View): boolean {
  return asksOfTraffic(find) || asksOfTraffic(hide) || TRAFFIC_TRAITS.some((trait) => off.has(trait));
}

export class Store {
  private state: State;
  private readonly followers: Follower[] = [];
  /** What came with the last change of the mesh; read by whoever animates. */
  noticed: Noticed = NOTHING_NOTICED;

  constructor(model: Model, view: View) {
    this.state = { model, view, ...drawn(model, view, null), hovered: null, walked: null };
  }

  now(): State {
    return this.state;
  }

  follow(follower: Follower): void {
    this.followers.push(follower);
  }

  /** The viewer looks at it differently. */
  look(change: Partial<View>): void {
    const view = { ...this.state.view, ...change };
    const isReshaped = SHAPING.some(
      (name) => change[name] !== undefined && change[name] !== this.state.view[name],
    );
    this.become({ view, ...(isReshaped ? drawn(this.state.model, view, null) : {}) });
  }

  hover(hovered: Hit | null): void {
    this.become({ hovered });
  }

  walk(walked: string | null): void {
    this.become({ walked });
  }

  /** The mesh has changed. */
  learn(index: number, delta: Delta): Noticed {
    const { model, noticed } = applied(this.state.model, index, delta);
    this.noticed = noticed;
    this.become({ model, ...drawn(model, this.state.view, this.state.isFolding) });
    this.noticed = NOTHING_NOTICED;
    return noticed;
  }

  /** What passes has changed; the picture is another one only where the viewer asks for what passes. */
  hear(traffic: Traffic): Noticed {
    const { model: before, view, isFolding, scene: shaped } = this.state;
    const { model, noticed } = carrying(before, traffic);
    const isReshaped = model.edges !== before.edges || isShapedByTraffic(view);
    this.noticed = noticed;
    this.become({
      model,
      ...(isReshaped ? drawn(model, view, isFolding) : { loads: loads(shaped, traffic) }),
    });
    this.noticed = NOTHING_NOTICED;
    return noticed;
  }

  /** Somebody drags a service, or lets go of it. */
  place(service: string, at: Point, isPinned: boolean): void {
    const vertex = this.state.model.bare.get(service);
    if (vertex) this.learn(this.state.model.index, { vertices: [{ ...vertex, ...at, pinned: isPinned }] });
  }

  private become(change: Partial<State>): void {
    const before = this.state;
    this.state = { ...before, ...change };
    for (const follower of this.followers) follower(this.state, before);
  }
}

/** The keys of what is selected: a vertex, or an edge that holds the selected call. */
export function selectedKeys({ view, scene: drawnScene, model }: State): Set<string> {
  const { selection } = view;
  if (!selection) return new Set();
  if (selection.kind === "service") return new Set([selection.service]);
  const wanted = model.edges.get(edgeKey(selection.source, selection.destination));
  if (!wanted) return new Set();
  return new Set(
    [...drawnScene.edges.values()].filter(({ edges }) => edges.includes(wanted)).map(({ key }) => key),
  );
}
