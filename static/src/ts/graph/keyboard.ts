// The picture by keyboard: arrow keys walk along the calls, Enter opens, Esc goes back.
import { announce } from "../dom";
import type { Lens } from "./lens";
import { groupKey, type Scene, sceneEdgeKey, type SceneVertex } from "./scene";
import { aboutEdge, aboutVertex, writtenVerdicts } from "./sentences";
import type { Store } from "./state";
import { type Direction, first, type Step, type Walk, walked } from "./steps";

export interface KeyCommands {
  open(vertex: SceneVertex): void;
  openEdge(key: string): void;
  fit(): void;
  /** Whether there was something to go back from. */
  back(): boolean;
}

const DIRECTIONS: Readonly<Record<string, Direction>> = {
  ArrowRight: "right",
  ArrowLeft: "left",
  ArrowUp: "up",
  ArrowDown: "down",
};
/** What is walked to stays this far from the border of the screen. */
const MARGIN = 90;

export class Keyboard {
  private walk: Walk | null = null;

  constructor(
    private readonly host: HTMLElement,
    private readonly lens: Lens,
    private readonly store: Store,
    private readonly commands: KeyCommands,
  ) {
    host.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !this.pressed(event)) return;
      event.preventDefault();
      event.stopPropagation();
    });
    host.addEventListener("focus", () => {
      if (host.matches(":focus-visible")) this.go(this.walk ?? this.start());
    });
    host.addEventListener("blur", () => store.walk(null));
    host.addEventListener("pointerdown", () => store.walk(null));
  }

  private pressed(event: KeyboardEvent): boolean {
    const direction = DIRECTIONS[event.key];
    if (direction) return this.step(direction);
    const act = this.others()[event.key];
    return act?.(event) ?? false;
  }

  private others(): Readonly<Record<string, (event: KeyboardEvent) => boolean>> {
    const always = (act: () => void) => () => {
      act();
      return true;
    };
    const zoom = (factor: number) => always(() => this.lens.zoom(factor));
    const open = (event: KeyboardEvent) => this.open(event.shiftKey);
    return {
      Home: always(() => this.go(first(this.scene()))),
      Enter: open,
      " ": open,
      Escape: () => this.commands.back(),
      "+": zoom(1.4),
      "=": zoom(1.4),
      "-": zoom(1 / 1.4),
      "0": always(() => this.commands.fit()),
      f: always(() => this.focus()),
    };
  }

  private scene(): Scene {
    return this.store.now().scene;
  }

  private start(): Walk | null {
    const { view, scene } = this.store.now();
    const selected = view.selection?.kind === "service" ? view.selection.service : null;
    return selected !== null && scene.vertices.has(selected) ? { at: selected, step: null } : first(scene);
  }

  private at(): SceneVertex | null {
    const { walked: key, scene } = this.store.now();
    return (key === null ? undefined : scene.vertices.get(key)) ?? null;
  }

  private step(direction: Direction): boolean {
    const scene = this.scene();
    const from = this.at() && this.walk ? this.walk : this.start();
    this.go(from && this.at() ? walked(scene, from, direction) : from);
    return true;
  }

  private go(walk: Walk | null): void {
    if (!walk) return;
    this.walk = walk;
    this.store.walk(walk.at);
    const vertex = this.at();
    if (!vertex) return;
    this.follow(vertex);
    announce([this.aboutStep(walk), aboutVertex(vertex, this.store.now().model)].filter(Boolean).join(". "));
  }

  private aboutStep({ at, step }: Walk): string {
    if (!step) return "";
    const edge = this.scene().edges.get(edgeOf(at, step));
    const [only] = edge?.edges ?? [];
    if (!edge || !only) return "";
    return edge.edges.length === 1 ? aboutEdge(only, this.store.now().model) : writtenVerdicts(edge);
  }

  private follow(vertex: SceneVertex): void {
    const { x, y } = this.lens.onScreen(vertex);
    const isInside =
      x > MARGIN && y > MARGIN && x < this.lens.width() - MARGIN && y < this.lens.height() - MARGIN;
    if (!isInside) this.lens.fly({ ...this.lens.camera(), x: vertex.x, y: vertex.y });
  }

  private open(isEdge: boolean): boolean {
    const vertex = this.at();
    if (!vertex) return false;
    const step = this.walk?.step;
    if (isEdge && step) {
      this.commands.openEdge(edgeOf(vertex.key, step));
    } else {
      this.commands.open(vertex);
    }
    return true;
  }

  private focus(): void {
    const service = this.at()?.service?.service;
    if (!service) return;
    const { view } = this.store.now();
    this.store.look({ focus: view.focus === service ? "" : service });
    this.host.focus();
  }

  /** After a group has been folded or unfolded, the walk goes on from what stands in its place. */
  resume(): void {
    if (!this.walk || this.scene().vertices.has(this.walk.at)) return;
    const group = this.store.now().model.vertices.get(this.walk.at)?.group ?? this.walk.at.slice(1);
    const inside = [...this.scene().vertices.values()].find((vertex) => vertex.group === group);
    const key = this.scene().vertices.has(groupKey(group)) ? groupKey(group) : inside?.key;
    this.walk = key === undefined ? null : { at: key, step: null };
    if (document.activeElement === this.host) this.store.walk(key ?? null);
  }
}

const edgeOf = (at: string, { from, direction }: Step): string =>
  direction === "right" ? sceneEdgeKey(from, at) : sceneEdgeKey(at, from);
