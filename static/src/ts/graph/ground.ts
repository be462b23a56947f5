// Behind everything: the grid, and the boxes of expanded groups with their names.
import type { Lens } from "./lens";
import type { Palette } from "./palette";
import type { Box, Scene } from "./scene";
import { writtenHealth } from "./sentences";

/** Below this scale a box has no room for its name and is named above. */
export const FAR = 0.5;
const GRID = 40;
const CORNER = 14;

function grid(context: CanvasRenderingContext2D, lens: Lens, colour: string): void {
  const { scale } = lens.camera();
  let step = GRID;
  while (step * scale < 22) step *= 4;
  const { left, top, right, bottom } = lens.seen();
  context.beginPath();
  for (let x = Math.ceil(left / step) * step; x < right; x += step) {
    const at = Math.round(lens.onScreen({ x, y: 0 }).x) + 0.5;
    context.moveTo(at, 0);
    context.lineTo(at, lens.height());
  }
  for (let y = Math.ceil(top / step) * step; y < bottom; y += step) {
    const at = Math.round(lens.onScreen({ x: 0, y }).y) + 0.5;
    context.moveTo(0, at);
    context.lineTo(lens.width(), at);
  }
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.stroke();
}

function chevron(context: CanvasRenderingContext2D, x: number, y: number): void {
  context.beginPath();
  context.moveTo(x - 3.5, y - 2);
  context.lineTo(x, y + 2);
  context.lineTo(x + 3.5, y - 2);
  context.lineWidth = 1.5;
  context.stroke();
}

function headline(
  context: CanvasRenderingContext2D,
  box: Box,
  left: number,
  top: number,
  width: number,
  paint: Palette,
): void {
  const { css } = paint;
  context.textBaseline = "middle";
  context.textAlign = "left";
  context.strokeStyle = css.muted;
  chevron(context, left + 17, top + 17);
  context.font = `600 12.5px ${css.font}`;
  context.fillStyle = css.text;
  context.fillText(box.group, left + 28, top + 17, width - 40);
  const used = 28 + Math.min(context.measureText(box.group).width, width - 40) + 8;
  context.font = `450 11.5px ${css.font}`;
  const count = `${box.services.length}`;
  const isSick = box.counts.critical + box.counts.warning > 0;
  const words = isSick ? `${count} · ${writtenHealth(box.counts)}` : count;
  if (used + context.measureText(words).width + 12 > width) return;
  context.fillStyle = box.counts.critical ? css.critical : box.counts.warning ? css.warning : css.muted;
  context.fillText(words, left + used, top + 17.5);
}

export function drawGround(
  context: CanvasRenderingContext2D,
  lens: Lens,
  scene: Scene,
  paint: Palette,
  hoveredGroup: string | null,
): void {
  context.clearRect(0, 0, lens.width(), lens.height());
  grid(context, lens, paint.css.grid);
  const { scale } = lens.camera();
  for (const box of scene.boxes) {
    const { x: left, y: top } = lens.onScreen({ x: box.left, y: box.top });
    const [width, height] = [(box.right - box.left) * scale, (box.bottom - box.top) * scale];
    if (left > lens.width() || top > lens.height() || left + width < 0 || top + height < 0) continue;
    context.beginPath();
    context.roundRect(left, top, width, height, Math.min(CORNER, CORNER * scale + 3));
    context.fillStyle = paint.css.box;
    context.fill();
    context.strokeStyle = hoveredGroup === box.group ? paint.css.muted : paint.css.boxLine;
    context.lineWidth = 1;
    context.stroke();
    if (scale >= FAR && !box.isFolded) headline(context, box, left, top, width, paint);
  }
}
