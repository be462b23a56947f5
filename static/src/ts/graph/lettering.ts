// Over everything: names, counts and, close by, what a service is made of.
import type { Atlas } from "./atlas";
import { type Captions, figureAt, type Figures } from "./captions";
import { pointAt } from "./curve";
import { screenRadius } from "./gl/frame";
import { FAR } from "./ground";
import { LABEL_GAP, MOST_LABELS, type Name } from "./labels";
import type { Lens } from "./lens";
import type { Palette } from "./palette";
import type { Scene, SceneEdge, SceneVertex } from "./scene";
import { instances, plural } from "./sentences";
import type { Bounds, Point } from "./types";
import { drawnWay } from "./ways";

/** From this scale on a service says more than its name. */
export const CLOSE = 1.3;
/** From this scale on a collapsed group's box has room for two lines. */
const ROOMY = 0.2;

export interface Emphasis {
  lit: ReadonlySet<string>;
  dim: number;
}

interface Sheet {
  context: CanvasRenderingContext2D;
  lens: Lens;
  atlas: Atlas;
  paint: Palette;
  emphasis: Emphasis;
}

export const labelFont = (vertex: SceneVertex, paint: Palette): string =>
  `${vertex.shape === "group" ? "600 13px" : "500 12px"} ${paint.css.font}`;

function isSeen({ left, top, right, bottom }: Bounds, x: number, y: number, margin: number): boolean {
  return x > left - margin && x < right + margin && y > top - margin && y < bottom + margin;
}

function strength({ emphasis }: Sheet, key: string): number {
  return emphasis.lit.has(key) ? 1 : 1 - 0.68 * emphasis.dim;
}

function name(sheet: Sheet, { vertex, text }: Name, scale: number): void {
  const { context, lens, atlas, paint } = sheet;
  const { x, y } = lens.onScreen(vertex);
  const top = y + screenRadius(vertex.radius, scale) + LABEL_GAP;
  context.globalAlpha = strength(sheet, vertex.key);
  const colour = vertex.isHollow ? paint.css.muted : paint.css.text;
  atlas.write(context, text, { font: labelFont(vertex, paint), colour, halo: paint.css.ground }, x, top);
  const small = { font: `450 11px ${paint.css.font}`, colour: paint.css.muted, halo: paint.css.ground };
  if (vertex.shape === "group" && scale >= ROOMY) {
    atlas.write(context, plural(vertex.services.length, "service"), small, x, top + 16);
  } else if (scale >= CLOSE && vertex.service) {
    const { service } = vertex;
    const words = [instances(service), ...(service.is_registered ? [service.protocol] : [])];
    atlas.write(context, words.join(" · "), small, x, top + 16);
  }
}

function inside(sheet: Sheet, vertex: SceneVertex, scale: number): void {
  const radius = screenRadius(vertex.radius, scale);
  if (radius < 11 || vertex.isHollow) return;
  const { context, lens, paint } = sheet;
  const { x, y } = lens.onScreen(vertex);
  const count = vertex.shape === "group" ? vertex.services.length : (vertex.service?.instances ?? 0);
  context.globalAlpha = strength(sheet, vertex.key) * 0.92;
  context.font = `600 ${Math.min(radius * (vertex.shape === "group" ? 0.58 : 0.66), 24)}px ${paint.css.font}`;
  context.fillStyle = paint.css.text;
  context.fillText(String(count), x, y + 0.5);
}

function pill(sheet: Sheet, edge: SceneEdge, at: Point, text: string, isStale: boolean): void {
  const { context, lens, paint } = sheet;
  const { x, y } = lens.onScreen(at);
  context.globalAlpha = strength(sheet, edge.key) * (isStale ? 0.5 : 1);
  context.font = `${isStale ? "italic " : ""}600 10px ${paint.css.font}`;
  const width = context.measureText(text).width + 9;
  context.beginPath();
  context.roundRect(x - width / 2, y - 7.5, width, 15, 7.5);
  context.fillStyle = paint.css.ground;
  context.fill();
  context.strokeStyle = paint.css.boxLine;
  context.lineWidth = 1;
  context.stroke();
  context.fillStyle = paint.css.muted;
  context.fillText(text, x, y + 0.5);
}

function farNames(sheet: Sheet, scene: Scene): void {
  const { context, lens, paint } = sheet;
  context.font = `600 12px ${paint.css.font}`;
  context.lineJoin = "round";
  context.lineWidth = 4;
  context.strokeStyle = paint.css.ground;
  context.fillStyle = paint.css.text;
  context.globalAlpha = 1 - 0.5 * sheet.emphasis.dim;
  for (const box of scene.boxes) {
    if (box.isFolded) continue;
    const { x, y } = lens.onScreen({ x: (box.left + box.right) / 2, y: box.top });
    if (x < -100 || y < -20 || x > lens.width() + 100 || y > lens.height() + 20) continue;
    context.strokeText(box.group, x, y - 7);
    context.fillText(box.group, x, y - 7);
  }
}

export function drawLettering(
  sheet: Sheet,
  scene: Scene,
  { names, counts }: Captions,
  figures: Figures,
): void {
  const { context, lens } = sheet;
  const { scale } = lens.camera();
  const seen = lens.seen();
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (const edge of counts) {
    const { text, isStale } = figures(edge);
    const at = pointAt(drawnWay(scene, edge, scale), text ? figureAt(edge) : 0.5);
    if (!isSeen(seen, at.x, at.y, 0)) continue;
    if (text) pill(sheet, edge, at, text, isStale);
    else if (edge.edges.length > 1) pill(sheet, edge, at, edge.edges.length.toLocaleString("en"), false);
  }
  for (const vertex of scene.vertices.values()) {
    if (isSeen(seen, vertex.x, vertex.y, vertex.radius)) inside(sheet, vertex, scale);
  }
  const margin = 120 / scale;
  names
    .filter(({ vertex }) => isSeen(seen, vertex.x, vertex.y, margin))
    .slice(0, MOST_LABELS)
    .forEach((each) => name(sheet, each, scale));
  if (scale < FAR) farNames(sheet, scene);
  context.globalAlpha = 1;
}
