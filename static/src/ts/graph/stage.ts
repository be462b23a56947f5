// Sigma and all layers of the picture: what moves with traffic is one more canvas between edges and vertices.
import Graph from "graphology";
import Sigma from "sigma";
import { Atlas } from "./atlas";
import { type Captions, captions, type Figures } from "./captions";
import { edgeProgram } from "./gl/edges";
import { type Frame, WORLD } from "./gl/frame";
import { lit, type SigmaEdge, type SigmaVertex } from "./gl/looks";
import { vertexProgram } from "./gl/vertices";
import { drawGround } from "./ground";
import { labelStep } from "./labels";
import { LARGEST, Lens, SMALLEST } from "./lens";
import { drawLettering, type Emphasis, labelFont } from "./lettering";
import { bringUp, graphOf, isSameShape, type Looks, looksOf, reload, type Times } from "./looking";
import type { Palette } from "./palette";
import type { Scene, SceneVertex } from "./scene";
import { label, type LabelChoice } from "./traffic/figures";
import { Flow, MANY } from "./traffic/flow";
import type { Loads } from "./traffic/loads";

const HALF = WORLD / 2;
/** How fast what is not lit steps back: the share of the way in a second. */
const DIMMING = 9;
const RELOADED_EVERY_S = 5;

const onto = (canvas: HTMLCanvasElement): CanvasRenderingContext2D => {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser draws no canvas");
  return context;
};

export class Stage {
  readonly renderer: Sigma;
  readonly lens: Lens;
  private readonly frame: Frame;
  private readonly began = performance.now();
  private readonly ground: CanvasRenderingContext2D;
  private readonly letters: CanvasRenderingContext2D;
  private readonly listeners: (() => void)[] = [];
  private readonly flow: Flow | null;
  private flowing = 0;
  private isStill = false;
  private reloadedAt = 0;
  private loads: Loads = new Map();
  private labels: LabelChoice = "none";
  private words: Atlas;
  private scene: Scene | null = null;
  private looks: Looks = { vertices: new Map(), edges: new Map() };
  /** By the step of the scale, for this scene. */
  private readonly captions = new Map<number, Captions>();
  private emphasis: Emphasis = { lit: new Set(), dim: 0 };
  private wantedDim = 0;
  private animatedUntil = 0;
  private hoveredGroup: string | null = null;
  private smallest = 0;

  constructor(
    container: HTMLElement,
    first: Palette,
    private readonly isCalm: () => boolean,
  ) {
    this.frame = { palette: first, time: 0, dim: 0 };
    this.words = new Atlas(devicePixelRatio);
    this.renderer = new Sigma(new Graph({ type: "directed" }), container, {
      nodeProgramClasses: { vertex: vertexProgram(this.frame) },
      edgeProgramClasses: { edge: edgeProgram(this.frame, "edge"), long: edgeProgram(this.frame, "long") },
      defaultNodeType: "vertex",
      defaultEdgeType: "edge",
      nodeReducer: (key, look) => (this.emphasis.lit.has(key) ? lit(look as SigmaVertex) : look),
      edgeReducer: (key, look) => (this.emphasis.lit.has(key) ? lit(look as SigmaEdge) : look),
      renderLabels: false,
      enableCameraRotation: false,
      stagePadding: 0,
      allowInvalidContainer: true,
    });
    // A fixed extent: the same place is the same camera, however the mesh grows.
    this.renderer.setCustomBBox({ x: [-HALF, HALF], y: [-HALF, HALF] });
    this.ground = onto(this.renderer.createCanvas("ground", { beforeLayer: "edges" }));
    const moving = this.renderer.createCanvas("traffic", { afterLayer: "edges" });
    this.letters = onto(this.renderer.getCanvases().labels!);
    this.lens = new Lens(this.renderer, isCalm);
    this.flow = Flow.on(moving, this.lens);
    this.resized();
    this.renderer.on("resize", () => this.resized());
    this.renderer.on("beforeRender", () => this.tick());
    this.renderer.on("afterRender", () => this.drawn());
  }

  /** Seconds since the stage was set. */
  now(): number {
    return (performance.now() - this.began) / 1000;
  }

  onDrawn(listener: () => void): void {
    this.listeners.push(listener);
  }

  show(scene: Scene, loads: Loads, selected: ReadonlySet<string>, times: Times): void {
    const looks = looksOf(scene, loads, selected, times);
    const before = this.looks;
    [this.scene, this.looks, this.loads] = [scene, looks, loads];
    this.flow?.learn(scene, loads, this.now(), this.emphasis.lit);
    this.captions.clear();
    if (isSameShape(before, looks)) {
      const partialGraph = bringUp(this.renderer.getGraph(), before, looks);
      this.renderer.refresh({ partialGraph, skipIndexation: true, schedule: true });
    } else {
      this.renderer.setGraph(graphOf(scene, looks));
    }
  }

  /** What passes over the scene has changed. */
  carry(loads: Loads): void {
    if (!this.scene) return;
    const isNew = loads.size > 0 && this.loads.size === 0;
    this.loads = loads;
    if (isNew) this.captions.clear();
    this.flow?.learn(this.scene, loads, this.now(), this.emphasis.lit);
    const edges = this.reloaded(this.scene, loads, isNew);
    if (edges.length)
      this.renderer.refresh({ partialGraph: { nodes: [], edges }, skipIndexation: true, schedule: true });
    else if (this.labels !== "none") this.letter(this.scene);
    if (this.isCalm() || this.isStill) this.drawFlow();
    else this.flowOn();
  }

  /** The edges that look different by now. Where all of many lines would be drawn anew each second for the few of
   * them that are wider, they are so less often. */
  private reloaded(scene: Scene, loads: Loads, isNew: boolean): string[] {
    const isSoon = this.now() - this.reloadedAt < RELOADED_EVERY_S;
    if (scene.edges.size > MANY && isSoon && !isNew) return [];
    this.reloadedAt = this.now();
    return reload(this.renderer.getGraph(), this.looks, scene, loads);
  }

  /** What stands on the edges, and whether the traffic moves. */
  choose(labels: LabelChoice, isMoving: boolean): void {
    if (labels !== this.labels) this.captions.clear();
    [this.labels, this.isStill] = [labels, !isMoving];
    this.renderer.scheduleRender();
  }

  /** What stands out, while the rest steps back by so much. */
  light(keys: ReadonlySet<string>, dim: number): void {
    const before = this.emphasis.lit;
    this.emphasis = { ...this.emphasis, lit: keys };
    this.wantedDim = dim;
    this.flow?.light(keys);
    const graph = this.renderer.getGraph();
    const changed = [...new Set([...before, ...keys])].filter((key) => before.has(key) !== keys.has(key));
    const nodes = changed.filter((key) => graph.hasNode(key));
    const edges = changed.filter((key) => graph.hasEdge(key));
    this.renderer.refresh({ partialGraph: { nodes, edges }, skipIndexation: true, schedule: true });
  }

  hoverGroup(group: string | null): void {
    if (group === this.hoveredGroup) return;
    this.hoveredGroup = group;
    this.renderer.scheduleRender();
  }

  repaint(palette: Palette): void {
    this.frame.palette = palette;
    this.words = new Atlas(devicePixelRatio);
    this.captions.clear();
    this.renderer.scheduleRender();
  }

  /** Draws every frame for so many seconds. */
  animate(seconds: number): void {
    this.animatedUntil = Math.max(this.animatedUntil, this.now() + seconds);
    this.renderer.scheduleRender();
  }

  image(): HTMLCanvasElement {
    // The GPU keeps what it drew until the end of this task only.
    this.renderer.refresh({ partialGraph: {}, skipIndexation: true });
    this.drawFlow();
    const { edges, nodes, labels } = this.renderer.getCanvases();
    const picture = document.createElement("canvas");
    picture.width = this.ground.canvas.width;
    picture.height = this.ground.canvas.height;
    const context = onto(picture);
    context.fillStyle = this.frame.palette.css.ground;
    context.fillRect(0, 0, picture.width, picture.height);
    for (const layer of [this.ground.canvas, edges, this.flow?.canvas, nodes, labels]) if (layer) context.drawImage(layer, 0, 0);
    return picture;
  }

  kill(): void {
    cancelAnimationFrame(this.flowing);
    this.renderer.kill();
  }

  private resized(): void {
    const { canvas } = this.ground;
    canvas.width = this.lens.width() * devicePixelRatio;
    canvas.height = this.lens.height() * devicePixelRatio;
    this.ground.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    this.flow?.resize(this.lens.width(), this.lens.height(), devicePixelRatio);
    const smallest = Math.min(this.lens.width(), this.lens.height());
    const camera = this.renderer.getCamera();
    camera.minRatio = smallest / (LARGEST * WORLD);
    camera.maxRatio = smallest / (SMALLEST * WORLD);
    // Sigma's ratio is of the smaller side; what is drawn keeps its size when the window changes.
    if (this.smallest) camera.setState({ ratio: (camera.ratio * smallest) / this.smallest });
    this.smallest = smallest;
  }

  private tick(): void {
    const now = this.now();
    const passed = Math.min(now - this.frame.time, 0.1);
    this.frame.time = now;
    const { dim } = this.emphasis;
    const toGo = this.wantedDim - dim;
    const isThere = this.isCalm() || Math.abs(toGo) < 0.01;
    this.frame.dim = isThere ? this.wantedDim : dim + toGo * Math.min(passed * DIMMING, 1);
    this.emphasis = { ...this.emphasis, dim: this.frame.dim };
  }

  private drawn(): void {
    if (this.scene) {
      drawGround(this.ground, this.lens, this.scene, this.frame.palette, this.hoveredGroup);
      this.letter(this.scene);
    }
    this.drawFlow();
    this.flowOn();
    for (const listener of this.listeners) listener();
    const isMoving = this.now() < this.animatedUntil || this.emphasis.dim !== this.wantedDim;
    if (isMoving && !document.hidden) this.renderer.scheduleRender();
  }

  private letter(scene: Scene): void {
    const { letters: context, lens, words: atlas, emphasis } = this;
    context.clearRect(0, 0, lens.width(), lens.height());
    const sheet = { context, lens, atlas, paint: this.frame.palette, emphasis };
    drawLettering(sheet, scene, this.captionsOf(scene), this.figures);
  }

  /** Draws frame after frame what moves, and that alone. */
  private flowOn(): void {
    const isAtRest = this.isCalm() || this.isStill || document.hidden || !this.flow || this.flow.isIdle;
    if (isAtRest || this.flowing) return;
    this.flowing = requestAnimationFrame(() => {
      this.flowing = 0;
      if (!this.flow?.mayWait()) this.drawFlow();
      this.flowOn();
    });
  }

  private drawFlow(): void {
    const { palette, dim } = this.frame;
    this.flow?.draw({ palette, dim, time: this.now(), isCalm: this.isCalm() || this.isStill });
  }

  /** The number on an edge, "" without one. */
  private readonly figures: Figures = (edge) => {
    const load = this.loads.get(edge.key);
    return { text: load ? label(this.labels, load.measured) : "", isStale: load?.measured.isStale ?? false };
  };

  private captionsOf(scene: Scene): Captions {
    const step = labelStep(this.lens.camera().scale);
    const known = this.captions.get(step);
    if (known) return known;
    const { palette } = this.frame;
    const widthOf = (vertex: SceneVertex, text: string) => this.words.width(text, labelFont(vertex, palette));
    const chosen = captions(scene, step, widthOf, this.figures);
    this.captions.set(step, chosen);
    return chosen;
  }
}
