// The whole picture small, with what of it is on the screen; a press there moves the camera.
import { element } from "../dom";
import type { Lens } from "./lens";
import type { Palette } from "./palette";
import type { Scene } from "./scene";
import type { Bounds, Point } from "./types";

const WIDTH = 184;
const HEIGHT = 116;
const MARGIN = 8;

export class Minimap {
  readonly element = element("canvas", { class: "graph-minimap", "aria-hidden": "true" });
  private readonly picture = document.createElement("canvas");
  private bounds: Bounds = { left: 0, top: 0, right: 1, bottom: 1 };

  constructor(private readonly lens: Lens) {
    for (const canvas of [this.element, this.picture]) {
      canvas.width = WIDTH * devicePixelRatio;
      canvas.height = HEIGHT * devicePixelRatio;
    }
    this.element.addEventListener("pointerdown", (event) => {
      this.element.setPointerCapture(event.pointerId);
      this.travel(event);
    });
    this.element.addEventListener("pointermove", (event) => {
      if (this.element.hasPointerCapture(event.pointerId)) this.travel(event);
    });
  }

  private scale(): number {
    const { left, top, right, bottom } = this.bounds;
    return Math.min((WIDTH - 2 * MARGIN) / (right - left), (HEIGHT - 2 * MARGIN) / (bottom - top));
  }

  private small({ x, y }: Point): Point {
    const { left, top, right, bottom } = this.bounds;
    const scale = this.scale();
    return {
      x: WIDTH / 2 + (x - (left + right) / 2) * scale,
      y: HEIGHT / 2 + (y - (top + bottom) / 2) * scale,
    };
  }

  private travel(event: PointerEvent): void {
    const { left, top, right, bottom } = this.bounds;
    const scale = this.scale();
    const x = (left + right) / 2 + (event.offsetX - WIDTH / 2) / scale;
    const y = (top + bottom) / 2 + (event.offsetY - HEIGHT / 2) / scale;
    this.lens.jump({ ...this.lens.camera(), x, y });
  }

  /** Draws the picture anew: after a change of the scene or the theme. */
  learn(scene: Scene, palette: Palette): void {
    this.bounds = scene.bounds;
    const context = this.picture.getContext("2d")!;
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, WIDTH, HEIGHT);
    context.fillStyle = palette.css.boxLine;
    for (const box of scene.boxes) {
      const from = this.small({ x: box.left, y: box.top });
      const to = this.small({ x: box.right, y: box.bottom });
      context.fillRect(from.x, from.y, to.x - from.x, to.y - from.y);
    }
    for (const { x, y, radius, health, isHollow } of scene.vertices.values()) {
      const at = this.small({ x, y });
      const sick = isHollow
        ? null
        : health === "critical"
          ? palette.css.critical
          : health === "warning"
            ? palette.css.warning
            : null;
      context.fillStyle = sick ?? palette.css.muted;
      context.beginPath();
      context.arc(at.x, at.y, Math.max(radius * this.scale(), sick ? 1.6 : 1), 0, 2 * Math.PI);
      context.fill();
    }
    this.draw(palette);
  }

  /** Draws where the screen is: at every frame. */
  draw(palette: Palette): void {
    if (!this.element.isConnected) return;
    const context = this.element.getContext("2d")!;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.element.width, this.element.height);
    context.drawImage(this.picture, 0, 0);
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    const seen = this.lens.seen();
    const { left: most, top: highest, right: least, bottom: lowest } = this.bounds;
    this.element.toggleAttribute(
      "data-idle",
      seen.left <= most && seen.top <= highest && seen.right >= least && seen.bottom >= lowest,
    );
    const from = this.small({ x: seen.left, y: seen.top });
    const to = this.small({ x: seen.right, y: seen.bottom });
    const [left, top] = [Math.max(from.x, 1), Math.max(from.y, 1)];
    context.beginPath();
    context.roundRect(left, top, Math.min(to.x, WIDTH - 1) - left, Math.min(to.y, HEIGHT - 1) - top, 3);
    context.strokeStyle = palette.css.accent;
    context.lineWidth = 1.5;
    context.stroke();
  }
}
