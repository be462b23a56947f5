// From the layout to the screen and back, over sigma's camera.
import type Sigma from "sigma";
import { scaleOf, WORLD } from "./gl/frame";
import type { Bounds, Point } from "./types";
import type { Camera } from "./view";

export const SMALLEST = 0.02;
export const LARGEST = 3;
/** A small mesh is not blown up to fill the screen. */
const ENOUGH = 1.4;
const FLIGHT = { duration: 320, easing: "cubicInOut" } as const;

/** Pixels at the borders of the screen that something else covers. */
export interface Insets {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const held = (scale: number): number => Math.min(Math.max(scale, SMALLEST), LARGEST);

/** The camera from which all of these bounds are seen beside what covers the screen. */
export function fitting(bounds: Bounds, width: number, height: number, covered: Insets): Camera {
  const free = {
    width: Math.max(width - covered.left - covered.right, 80),
    height: Math.max(height - covered.top - covered.bottom, 80),
  };
  const fit = Math.min(
    free.width / Math.max(bounds.right - bounds.left, 1),
    free.height / Math.max(bounds.bottom - bounds.top, 1),
    ENOUGH,
  );
  const scale = held(fit);
  return {
    x: (bounds.left + bounds.right) / 2 + (covered.right - covered.left) / 2 / scale,
    y: (bounds.top + bounds.bottom) / 2 + (covered.bottom - covered.top) / 2 / scale,
    scale,
  };
}

interface Known {
  camera: Camera;
  width: number;
  height: number;
}

export class Lens {
  // Asked for hundreds of times while one frame is drawn.
  private known: Known | null = null;

  constructor(
    private readonly renderer: Sigma,
    private readonly isCalm: () => boolean,
  ) {
    const forget = (): void => {
      this.known = null;
    };
    renderer.getCamera().on("updated", forget);
    renderer.on("resize", forget);
  }

  camera(): Camera {
    return this.now().camera;
  }

  width(): number {
    return this.now().width;
  }

  height(): number {
    return this.now().height;
  }

  onScreen(at: Point): Point {
    const { camera, width, height } = this.now();
    return {
      x: (at.x - camera.x) * camera.scale + width / 2,
      y: (at.y - camera.y) * camera.scale + height / 2,
    };
  }

  inLayout(at: Point): Point {
    const { camera, width, height } = this.now();
    return {
      x: camera.x + (at.x - width / 2) / camera.scale,
      y: camera.y + (at.y - height / 2) / camera.scale,
    };
  }

  /** What of the layout is on the screen. */
  seen(): Bounds {
    const { x: left, y: top } = this.inLayout({ x: 0, y: 0 });
    const { x: right, y: bottom } = this.inLayout({ x: this.width(), y: this.height() });
    return { left, top, right, bottom };
  }

  jump(to: Camera): void {
    this.renderer.getCamera().setState(this.state(to));
  }

  fly(to: Camera): void {
    if (this.isCalm()) this.jump(to);
    else void this.renderer.getCamera().animate(this.state(to), FLIGHT);
  }

  /** What is at this point of the screen, its middle unless told otherwise, stays there. */
  zoom(factor: number, about: Point = { x: this.width() / 2, y: this.height() / 2 }): void {
    const fixed = this.inLayout(about);
    const { x, y, scale } = this.camera();
    const part = held(scale * factor) / scale;
    this.jump({ x: fixed.x + (x - fixed.x) / part, y: fixed.y + (y - fixed.y) / part, scale: scale * part });
  }

  private now(): Known {
    if (this.known) return this.known;
    const { x, y, ratio } = this.renderer.getCamera().getState();
    const { width, height } = this.renderer.getDimensions();
    const scale = scaleOf({ width, height, zoomRatio: ratio });
    this.known = { camera: { x: (x - 0.5) * WORLD, y: (0.5 - y) * WORLD, scale }, width, height };
    return this.known;
  }

  private state({ x, y, scale }: Camera): { x: number; y: number; ratio: number } {
    return {
      x: 0.5 + x / WORLD,
      y: 0.5 - y / WORLD,
      ratio: Math.min(this.width(), this.height()) / (held(scale) * WORLD),
    };
  }
}
