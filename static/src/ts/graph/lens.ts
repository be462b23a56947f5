// From the layout to the screen and back, over sigma's camera.
import type Sigma from "sigma";
import { scaleOf, WORLD } from "./gl/frame";
import type { Bounds, Point } from "./types";
import type { Camera } from "./view";

export const SMALLEST = 0.02;
export const LARGEST = 3;

export interface Lens {
  camera(): Camera;
  width(): number;
  height(): number;
  onScreen(at: Point): Point;
  inLayout(at: Point): Point;
  /** What of the layout is on the screen. */
  seen(): Bounds;
  jump(to: Camera): void;
  fly(to: Camera): void;
  zoom(factor: number, about?: Point): void;
}

const held = (scale: number): number => Math.min(Math.max(scale, SMALLEST), LARGEST);

/** A small mesh is not blown up to fill the screen. */
const ENOUGH = 1.4;

/** Pixels at the borders of the screen that something else covers. */
export interface Insets {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

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

export function lens(renderer: Sigma, isCalm: () => boolean): Lens {
  const size = () => renderer.getDimensions();
  const camera = (): Camera => {
    const { x, y, ratio } = renderer.getCamera().getState();
    return { x: (x - 0.5) * WORLD, y: (0.5 - y) * WORLD, scale: scaleOf({ ...size(), zoomRatio: ratio }) };
  };
  const state = ({ x, y, scale }: Camera) => ({
    x: 0.5 + x / WORLD,
    y: 0.5 - y / WORLD,
    ratio: Math.min(size().width, size().height) / (held(scale) * WORLD),
  });
  const inLayout = (at: Point): Point => {
    const { x, y, scale } = camera();
    return { x: x + (at.x - size().width / 2) / scale, y: y + (at.y - size().height / 2) / scale };
  };
  const jump = (to: Camera) => void renderer.getCamera().setState(state(to));
  return {
    camera,
    inLayout,
    jump,
    width: () => size().width,
    height: () => size().height,
    onScreen(at) {
      const { x, y, scale } = camera();
      return { x: (at.x - x) * scale + size().width / 2, y: (at.y - y) * scale + size().height / 2 };
    },
    seen() {
      const { x: left, y: top } = inLayout({ x: 0, y: 0 });
      const { x: right, y: bottom } = inLayout({ x: size().width, y: size().height });
      return { left, top, right, bottom };
    },
    fly(to) {
      if (isCalm()) jump(to);
      else void renderer.getCamera().animate(state(to), { duration: 320, easing: "cubicInOut" });
    },
    zoom(factor, about = { x: size().width / 2, y: size().height / 2 }) {
      const fixed = inLayout(about);
      const { x, y, scale } = camera();
      const part = held(scale * factor) / scale;
      jump({ x: fixed.x + (x - fixed.x) / part, y: fixed.y + (y - fixed.y) / part, scale: scale * part });
    },
  };
}
