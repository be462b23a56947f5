// The whole picture as a drawing that scales: for documents, and without a GPU.
import { type Curve, pointAt, trimmed } from "./curve";
import type { Palette, Colour } from "./palette";
import type { Box, Scene, SceneEdge, SceneVertex } from "./scene";
import { gravest } from "./scene";
import { plural } from "./sentences";
import type { Verdict } from "./types";
import { drawnWay } from "./ways";

const MARGIN = 40;
const ARROW = 9;

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (text: string): string => text.replace(/[&<>"]/gu, (character) => ENTITIES[character]!);
const number = (value: number): string => String(Math.round(value * 10) / 10);
const css = ([red, green, blue]: Colour): string =>
  `rgb(${[red, green, blue].map((part) => Math.round(part * 255)).join(" ")})`;

function tag(name: string, attributes: Record<string, string | number>, content = ""): string {
  const written = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${typeof value === "number" ? number(value) : escaped(value)}"`,
  );
  return content ? `<${name}${written.join("")}>${content}</${name}>` : `<${name}${written.join("")}/>`;
}

function colourOf(verdict: Verdict, palette: Palette): string {
  return css(verdict === "unknown" ? palette.unknown : palette[verdict]);
}

const path = ({ from, first, second, to }: Curve): string =>
  `M${number(from.x)} ${number(from.y)}C${[first, second, to].map(({ x, y }) => `${number(x)} ${number(y)}`).join(" ")}`;

function box({ left, top, right, bottom, group, isFolded }: Box, palette: Palette): string {
  const frame = tag("rect", {
    x: left,
    y: top,
    width: right - left,
    height: bottom - top,
    rx: 14,
    fill: palette.css.box,
    stroke: palette.css.boxLine,
  });
  const name = tag(
    "text",
    { x: left + 16, y: top + 22, fill: palette.css.text, "font-weight": "600" },
    escaped(group),
  );
  return isFolded ? frame : frame + name;
}

function mark(edge: SceneEdge, way: Curve, palette: Palette): string {
  const verdict = gravest(edge);
  const { x, y } = pointAt(way, 0.5);
  const colour = colourOf(verdict, palette);
  const shared = { fill: palette.css.ground, stroke: colour, "stroke-width": 1.4 };
  if (verdict === "deny") {
    const cross = tag("path", {
      d: `M${number(x - 2.5)} ${number(y - 2.5)}l5 5m0-5l-5 5`,
      stroke: colour,
      "stroke-width": 1.6,
    });
    return tag("circle", { cx: x, cy: y, r: 6.5, ...shared }) + cross;
  }
  return verdict === "conditional"
    ? tag("path", { d: `M${number(x)} ${number(y - 7)}l7 7-7 7-7-7z`, ...shared })
    : "";
}

function edgeDrawing(edge: SceneEdge, scene: Scene, palette: Palette): string {
  const source = scene.vertices.get(edge.source)!;
  const destination = scene.vertices.get(edge.destination)!;
  const colour = colourOf(gravest(edge), palette);
  const way = drawnWay(scene, edge, 1);
  const line = tag("path", {
    d: path(trimmed(edge.curve, source.radius + 2, destination.radius + 3 + ARROW * 0.7)),
    fill: "none",
    stroke: colour,
    "stroke-width": edge.isByDefault ? 1.1 : 1.7,
    "stroke-opacity": palette.rest,
    ...(edge.isDeclared ? {} : { "stroke-dasharray": "0.1 4.5", "stroke-linecap": "round" }),
  });
  const turn = (Math.atan2(way.to.y - way.second.y, way.to.x - way.second.x) * 180) / Math.PI;
  const head = tag("path", {
    d: `M0 0l-${ARROW}-4v8z`,
    fill: colour,
    transform: `translate(${number(way.to.x)} ${number(way.to.y)}) rotate(${number(turn)})`,
  });
  const title = tag(
    "title",
    {},
    escaped(`${source.label} → ${destination.label}: ${plural(edge.edges.length, "call")}`),
  );
  return tag("g", {}, title + line + head + mark(edge, way, palette));
}

function ring(vertex: SceneVertex, palette: Palette): Record<string, string | number> {
  if (vertex.isHollow)
    return { stroke: css(palette.unknown), "stroke-width": 1.4, "stroke-dasharray": "2 3" };
  if (vertex.health === "unknown")
    return { stroke: css(palette.unknown), "stroke-width": 2, "stroke-dasharray": "7 4" };
  const around = 2 * Math.PI * vertex.radius;
  const gap = {
    "stroke-dasharray": `${number(around * 0.86)} ${number(around * 0.14)}`,
    transform: "rotate(-20)",
  };
  return {
    stroke: css(palette[vertex.health]),
    "stroke-width": vertex.health === "critical" ? 5 : 3.4,
    ...(vertex.health === "warning" && vertex.shape === "service" ? gap : {}),
  };
}

function outline(vertex: SceneVertex, attributes: Record<string, string | number>): string {
  const { radius, shape } = vertex;
  if (shape === "group")
    return tag("rect", {
      x: -radius,
      y: -radius,
      width: 2 * radius,
      height: 2 * radius,
      rx: radius * 0.36,
      ...attributes,
    });
  if (shape === "service") return tag("circle", { r: radius, ...attributes });
  const corners = [0, 1, 2, 3, 4, 5].map((corner) => {
    const turn = (corner * Math.PI) / 3 + Math.PI / 6;
    return `${number(radius * Math.cos(turn))},${number(radius * Math.sin(turn))}`;
  });
  return tag("polygon", { points: corners.join(" "), "stroke-linejoin": "round", ...attributes });
}

function vertexDrawing(vertex: SceneVertex, palette: Palette): string {
  const { x, y, label, radius } = vertex;
  const count =
    vertex.shape === "group"
      ? vertex.services.length
      : vertex.counts.passing + vertex.counts.warning + vertex.counts.critical + vertex.counts.unknown;
  const fill = vertex.isHollow ? "none" : css(palette.body);
  const inner =
    vertex.health === "critical" && !vertex.isHollow && vertex.shape !== "group"
      ? tag("circle", { r: radius - 6, fill: "none", stroke: css(palette.critical), "stroke-width": 1.8 })
      : "";
  const words = vertex.isHollow
    ? ""
    : tag(
        "text",
        {
          y: radius * 0.22,
          "font-size": radius * 0.62,
          "font-weight": "600",
          fill: palette.css.text,
          "text-anchor": "middle",
        },
        String(count),
      );
  const name = tag(
    "text",
    {
      y: radius + (vertex.shape === "group" ? 26 : 18),
      "text-anchor": "middle",
      fill: palette.css.text,
      "font-size": vertex.shape === "group" ? 20 : 12,
    },
    escaped(label),
  );
  const title = tag("title", {}, escaped(`${label}: ${vertex.isHollow ? "not registered" : vertex.health}`));
  return tag(
    "g",
    { transform: `translate(${number(x)} ${number(y)})` },
    title + outline(vertex, { fill, ...ring(vertex, palette) }) + inner + words + name,
  );
}

export function svg(scene: Scene, palette: Palette): string {
  const { left, top, right, bottom } = scene.bounds;
  const [width, height] = [right - left + 2 * MARGIN, bottom - top + 2 * MARGIN];
  const content = [
    tag("rect", { x: left - MARGIN, y: top - MARGIN, width, height, fill: palette.css.ground }),
    ...scene.boxes.map((each) => box(each, palette)),
    ...[...scene.edges.values()].map((edge) => edgeDrawing(edge, scene, palette)),
    ...[...scene.vertices.values()].map((vertex) => vertexDrawing(vertex, palette)),
  ];
  return tag(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      width,
      height,
      viewBox: [left - MARGIN, top - MARGIN, width, height].map(number).join(" "),
      "font-family": palette.css.font,
      "font-size": 13,
    },
    content.join("\n"),
  );
}
