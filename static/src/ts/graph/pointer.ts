// The mouse and the finger: hover, select, open, fold, drag. Sigma moves the camera; what is under the pointer is
// found by ourselves (hit.ts), so its own listeners go.
import type { MouseCoords, WheelCoords } from "sigma/types";
import { hit, type Hit } from "./hit";
import type { Stage } from "./stage";
import type { Store } from "./state";
import type { Point } from "./types";

export interface Gestures {
  select(hit: Hit | null): void;
  open(hit: Hit | null, at: Point): void;
  place(service: string, at: Point): void;
}

interface Drag {
  service: string;
  grip: Point;
  from: Point;
  hasMoved: boolean;
}

/** Pixels that a press may move and still be a click. */
const STEADY = 4;

export class Pointer {
  private drag: Drag | null = null;
  private hasDragged = false;

  constructor(
    private readonly stage: Stage,
    private readonly store: Store,
    private readonly gestures: Gestures,
  ) {
    const mouse = stage.renderer.getMouseCaptor();
    mouse.removeAllListeners();
    mouse.on("mousemovebody", (at) => this.moved(at));
    mouse.on("mousemove", (at) => this.hovered(at));
    mouse.on("mouseleave", () => store.hover(null));
    mouse.on("mousedown", (at) => this.pressed(at));
    mouse.on("mouseup", () => this.released());
    mouse.on("click", (at) => this.clicked(at));
    mouse.on("doubleClick", (at) => this.opened(at));
    mouse.on("wheel", (at) => this.wheeled(at));
    const touch = stage.renderer.getTouchCaptor();
    touch.removeAllListeners();
    touch.on("tap", ({ touches }) => touches[0] && gestures.select(this.under(touches[0])));
  }

  private under(at: Point): Hit | null {
    const { lens } = this.stage;
    return hit(this.store.now().scene, lens.inLayout(at), lens.camera().scale);
  }

  private pressed(at: MouseCoords): void {
    this.hasDragged = false;
    const under = this.under(at);
    if (under?.kind !== "vertex" || !under.vertex.service || !isMain(at)) return;
    const grip = this.stage.lens.inLayout(at);
    this.drag = {
      service: under.vertex.service.service,
      grip: { x: under.vertex.x - grip.x, y: under.vertex.y - grip.y },
      from: at,
      hasMoved: false,
    };
  }

  private moved(at: MouseCoords): void {
    const { drag } = this;
    if (!drag) return;
    at.preventSigmaDefault();
    drag.hasMoved ||= Math.hypot(at.x - drag.from.x, at.y - drag.from.y) > STEADY;
    if (!drag.hasMoved) return;
    const { x, y } = this.stage.lens.inLayout(at);
    this.store.place(drag.service, { x: x + drag.grip.x, y: y + drag.grip.y }, true);
  }

  private released(): void {
    const { drag } = this;
    this.drag = null;
    this.hasDragged = drag?.hasMoved ?? false;
    const vertex = drag?.hasMoved && this.store.now().model.vertices.get(drag.service);
    if (vertex) this.gestures.place(vertex.service, { x: vertex.x, y: vertex.y });
  }

  private hovered(at: MouseCoords): void {
    if (this.drag?.hasMoved || this.stage.renderer.getMouseCaptor().isMoving) return;
    const under = this.under(at);
    if (!isSame(under, this.store.now().hovered)) this.store.hover(under);
  }

  private clicked(at: MouseCoords): void {
    if (!this.hasDragged) this.gestures.select(this.under(at));
  }

  private opened(at: MouseCoords): void {
    at.preventSigmaDefault();
    this.gestures.open(this.under(at), at);
  }

  private wheeled(at: WheelCoords): void {
    at.preventSigmaDefault();
    const { original } = at;
    if (!(original instanceof WheelEvent)) return;
    const lines = original.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    // A pinch on a trackpad comes as a wheel with Ctrl, in smaller steps.
    const step = original.deltaY * lines * (original.ctrlKey ? 0.01 : 0.0018);
    this.stage.lens.zoom(Math.exp(-Math.min(Math.max(step, -0.5), 0.5)), at);
  }
}

const isMain = (at: MouseCoords): boolean => at.original instanceof MouseEvent && at.original.button === 0;

function key(hit: Hit | null): string | null {
  if (!hit) return null;
  return hit.kind === "box" ? `box ${hit.box.group}` : hit.kind === "edge" ? hit.edge.key : hit.vertex.key;
}

const isSame = (one: Hit | null, other: Hit | null): boolean =>
  one?.kind === other?.kind && key(one) === key(other);
