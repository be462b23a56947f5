// The drawn graph: the stage, and what lies and listens over it.
import { element } from "../dom";
import { emphasized } from "./emphasis";
import { screenRadius } from "./gl/frame";
import { Keyboard, type KeyCommands } from "./keyboard";
import { fitting, type Insets } from "./lens";
import { Minimap } from "./minimap";
import { type Palette, palette } from "./palette";
import { type Gestures, Pointer } from "./pointer";
import { Recent } from "./recent";
import { boundsOf, type Scene } from "./scene";
import { Stage } from "./stage";
import { selectedKeys, type State, type Store } from "./state";
import { Tip } from "./tip";
import type { Bounds } from "./types";
import type { Camera } from "./view";

const MARGIN = 28;
const BAR = 56;
/** What animations need, from the first frame to the last. */
const ANIMATED_S = 2;
const WORDS =
  "Service graph. Arrow keys walk along the calls, Enter opens a service, Shift Enter the call you came by, F sets the focus, Escape goes back.";

export interface PictureGestures extends Gestures {
  /** How much of the screen's right the panel takes, or is about to take. */
  panelWidth(): number;
}

const isCalm = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;

export class Picture {
  readonly canvas = element("div", {
    class: "graph-canvas",
    tabindex: "0",
    role: "application",
    "aria-label": WORDS,
  });
  readonly stage: Stage;
  readonly minimap: Minimap;
  private readonly tip: Tip;
  private readonly ring = element("div", { class: "graph-focus" });
  private readonly keyboard: Keyboard;
  private readonly recent = new Recent();
  private colours: Palette;
  private isStale = false;
  /** The camera from which all is seen, as of the last time it was asked for. */
  private fitted: Camera | null = null;
  /** Sigma looks at its size when it draws, but only windows tell it to. */
  private readonly resizing = new ResizeObserver(() => this.stage.renderer.scheduleRender());

  constructor(
    private readonly host: HTMLElement,
    private readonly store: Store,
    private readonly gestures: PictureGestures,
    keys: KeyCommands,
  ) {
    this.ring.hidden = true;
    host.prepend(this.canvas);
    this.colours = palette(host);
    this.stage = new Stage(this.canvas, this.colours, isCalm);
    const { lens } = this.stage;
    this.tip = new Tip(lens);
    this.minimap = new Minimap(lens);
    this.canvas.after(this.ring, this.tip.element);
    new Pointer(this.stage, store, gestures);
    this.keyboard = new Keyboard(this.canvas, lens, store, keys);
    this.stage.onDrawn(() => this.drawn());
    this.resizing.observe(this.canvas);
    this.stage.choose(store.now().view.labels, store.now().view.isMoving);
    this.show(store.now());
    this.minimap.learn(store.now().scene, this.colours);
    const { camera } = store.now().view;
    if (camera) lens.jump(camera);
    else this.fit(store.now().scene.bounds, { isAtOnce: true });
    store.follow((state, before) => this.follow(state, before));
  }

  palette(): Palette {
    return this.colours;
  }

  repaint(): void {
    this.colours = palette(this.host);
    this.stage.repaint(this.colours);
    this.minimap.learn(this.store.now().scene, this.colours);
  }

  /** What happened while nobody saw the page is drawn when somebody does. */
  resume(): void {
    if (this.isStale) this.show(this.store.now());
    else this.stage.carry(this.store.now().loads);
    this.stage.renderer.scheduleRender();
  }

  /** More lies over the picture than when it was made to fit; who has moved it since is left alone. */
  refit(): void {
    const { x, y, scale } = this.stage.lens.camera();
    const { fitted } = this;
    if (fitted && Math.hypot(x - fitted.x, y - fitted.y) * scale < 1 && Math.abs(scale / fitted.scale - 1) < 0.01)
      this.fit(this.store.now().scene.bounds);
  }

  fit(bounds: Bounds, { isAtOnce = false } = {}): void {
    const { lens } = this.stage;
    const camera = fitting(bounds, lens.width(), lens.height(), this.covered());
    this.fitted = bounds === this.store.now().scene.bounds ? camera : null;
    if (isAtOnce) lens.jump(camera);
    else lens.fly(camera);
  }

  /** Brings these vertices into the part of the screen that nothing covers, if they are not there already. */
  uncover(keys: Iterable<string>): void {
    const { lens } = this.stage;
    const points = [...keys]
      .map((key) => this.store.now().scene.vertices.get(key))
      .filter((vertex) => vertex !== undefined);
    if (!points.length) return;
    const covered = this.covered();
    const isFree = points.every((point) => {
      const { x, y } = lens.onScreen(point);
      return (
        x > covered.left &&
        y > covered.top &&
        x < lens.width() - covered.right &&
        y < lens.height() - covered.bottom
      );
    });
    if (isFree) return;
    const { left, top, right, bottom } = boundsOf(points, 0);
    const { scale } = lens.camera();
    const aside = {
      x: (covered.right - covered.left) / 2 / scale,
      y: (covered.bottom - covered.top) / 2 / scale,
    };
    lens.fly({ x: (left + right) / 2 + aside.x, y: (top + bottom) / 2 + aside.y, scale });
  }

  kill(): void {
    this.resizing.disconnect();
    this.stage.kill();
  }

  /** What lies over the picture: the bar, the legend, and the panel where it leaves room for a picture. */
  private covered(): Insets {
    const legend = this.host.querySelector<HTMLElement>(".graph-legend")?.offsetHeight ?? 0;
    const panel = this.gestures.panelWidth();
    return {
      left: MARGIN,
      top: BAR + MARGIN,
      right: MARGIN + (panel < this.stage.lens.width() / 2 ? panel : 0),
      bottom: MARGIN + legend,
    };
  }

  private follow(state: State, before: State): void {
    const isChanged = state.scene !== before.scene || state.view.selection !== before.view.selection;
    const isNew = state.model !== before.model;
    if (isNew) {
      const now = isCalm() ? -Infinity : this.stage.now();
      if (this.recent.learn(this.store.noticed, state.scene, state.model, now))
        this.stage.animate(ANIMATED_S);
    }
    if (isChanged) this.show(state);
    else if (state.loads !== before.loads && !document.hidden) this.stage.carry(state.loads);
    const { labels, isMoving } = state.view;
    if (labels !== before.view.labels || isMoving !== before.view.isMoving) this.stage.choose(labels, isMoving);
    if (isNew && state.hovered) this.tip.show(state.hovered, state);
    if (state.scene !== before.scene) {
      this.minimap.learn(state.scene, this.colours);
      this.keyboard.resume();
    }
    if (isChanged || state.hovered !== before.hovered || state.walked !== before.walked) this.light(state);
    if (state.hovered !== before.hovered) this.hover(state);
  }

  private show(state: State): void {
    this.isStale = document.hidden;
    if (this.isStale) return;
    this.stage.show(state.scene, state.loads, selectedKeys(state), this.recent);
    this.light(state);
  }

  private light(state: State): void {
    const { keys, dim } = emphasized(state);
    this.stage.light(keys, dim);
  }

  private hover(state: State): void {
    const { hovered } = state;
    this.canvas.style.cursor = hovered ? "pointer" : "";
    this.stage.hoverGroup(hovered?.kind === "box" ? hovered.box.group : null);
    this.tip.show(hovered, state);
  }

  private drawn(): void {
    this.host.dataset["drawn"] = "yes";
    this.minimap.draw(this.colours);
    this.tip.place();
    this.placeRing(this.store.now().scene);
  }

  private placeRing(scene: Scene): void {
    const { walked } = this.store.now();
    const at = walked === null ? undefined : scene.vertices.get(walked);
    this.ring.hidden = !at;
    if (!at) return;
    const { lens } = this.stage;
    const { x, y } = lens.onScreen(at);
    const reach = screenRadius(at.radius, lens.camera().scale) + 8;
    this.ring.style.width = this.ring.style.height = `${2 * reach}px`;
    this.ring.style.transform = `translate(${x - reach}px, ${y - reach}px)`;
  }
}
