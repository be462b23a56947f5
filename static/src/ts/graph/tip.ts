// The tip beside what the pointer is on.
import { element } from "../dom";
import { edgeKey } from "./edge_key";
import { screenRadius } from "./gl/frame";
import type { Hit } from "./hit";
import type { Lens } from "./lens";
import type { SceneEdge, SceneVertex } from "./scene";
import { instances, plural, VERDICT_WORDS, writtenHealth, writtenVerdicts } from "./sentences";
import type { State } from "./state";
import { facts } from "./traffic/figures";
import { loadAt } from "./traffic/loads";
import type { Measured } from "./traffic/measured";
import { isSeen, seenOf } from "./traffic/traffic";
import type { Edge, Point, Vertex } from "./types";

const GAP = 12;
const NAME = 16;
/** The height of the bar over the picture. */
const BAR = 56;

const line = (...words: (string | Node)[]): HTMLElement => element("p", {}, ...words);

interface Kind {
  isTcp?: boolean;
  isOfSeveral?: boolean;
}

function numbers(of: Measured | undefined, kind: Kind): Node[] {
  const found = of ? facts(of, Date.now() / 1000, kind) : [];
  if (!found.length) return [];
  const cells = found.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]);
  return [element("dl", { class: "graph-numbers" }, ...cells)];
}

const badge = (vertex: Vertex): HTMLElement =>
  vertex.is_registered
    ? element("span", { class: "badge", "data-status": vertex.health }, vertex.health)
    : element("span", { class: "badge", "data-status": "unknown" }, "not registered");

function ofService(vertex: Vertex, state: State): Node[] {
  const calls = state.model.calls.get(vertex.service)?.length ?? 0;
  const callers = state.model.callers.get(vertex.service)?.length ?? 0;
  const facts = [
    vertex.protocol,
    ...(vertex.kind === "typical" ? [] : [vertex.kind.replace("-", " ")]),
    ...vertex.tags,
  ];
  const shape = vertex.is_registered ? [line(instances(vertex), ` · ${facts.join(" · ")}`)] : [];
  const proxies =
    vertex.is_registered && vertex.kind === "typical"
      ? [
          line(
            vertex.has_sidecar
              ? `${plural(vertex.connected, "instance")} in the mesh`
              : "no sidecar: not in the mesh",
          ),
        ]
      : [];
  return [
    element("div", { class: "graph-tip-head" }, element("strong", {}, vertex.service), badge(vertex)),
    ...shape,
    ...proxies,
    line(`calls ${calls} · called by ${callers}`),
    ...numbers(state.model.traffic.vertices.get(vertex.service), { isTcp: vertex.protocol === "tcp" }),
  ];
}

function ofGroup(vertex: SceneVertex): Node[] {
  return [
    element("div", { class: "graph-tip-head" }, element("strong", {}, vertex.label)),
    line(`${plural(vertex.services.length, "service")}: ${writtenHealth(vertex.counts)}`),
    element("p", { class: "graph-tip-hint" }, "Click to expand"),
  ];
}

function origin(edge: Edge, isSeen: boolean): string {
  if (edge.declared) return "declared as an upstream";
  return edge.intention && !isSeen ? "an intention only: no proxy declares it" : "seen, but no proxy declares it";
}

function ofCall(edge: Edge, { model }: State): Node[] {
  const { traffic } = model;
  const isTcp = model.vertices.get(edge.destination)?.protocol === "tcp";
  const verdict =
    edge.by_default && edge.verdict !== "conditional" ? `default-${edge.verdict}` : edge.verdict;
  return [
    element(
      "div",
      { class: "graph-tip-head" },
      element("strong", {}, `${edge.source} → ${edge.destination}`),
      element("span", { class: "verdict", "data-verdict": verdict }, VERDICT_WORDS[edge.verdict]),
    ),
    line(edge.reason),
    line(origin(edge, isSeen(edge, traffic))),
    ...(edge.mtls ? [] : [line("no mutual TLS: one end has no proxy")]),
    ...(seenOf(edge, traffic) === "silent" ? [line("no call in the last 15 minutes")] : []),
    ...numbers(traffic.edges.get(edgeKey(edge.source, edge.destination)), { isTcp }),
  ];
}

function ofEdge(edge: SceneEdge, state: State): Node[] {
  const [only] = edge.edges;
  if (edge.edges.length === 1 && only) return ofCall(only, state);
  const label = (key: string) => state.scene.vertices.get(key)?.label ?? "";
  return [
    element(
      "div",
      { class: "graph-tip-head" },
      element("strong", {}, `${label(edge.source)} → ${label(edge.destination)}`),
    ),
    line(`${plural(edge.edges.length, "call")}: ${writtenVerdicts(edge)}`),
    ...numbers(loadAt(state.loads, edge).measured, { isOfSeveral: true }),
    element("p", { class: "graph-tip-hint" }, "Click to list them"),
  ];
}

function content(hit: Hit, state: State): Node[] {
  if (hit.kind === "edge") return ofEdge(hit.edge, state);
  if (hit.kind === "box") {
    return [
      element("div", { class: "graph-tip-head" }, element("strong", {}, hit.box.group)),
      line("Click to collapse"),
    ];
  }
  return hit.vertex.service ? ofService(hit.vertex.service, state) : ofGroup(hit.vertex);
}

function anchor(hit: Hit, lens: Lens): { at: Point; reach: number } {
  const { scale } = lens.camera();
  if (hit.kind === "vertex")
    return { at: lens.onScreen(hit.vertex), reach: screenRadius(hit.vertex.radius, scale) };
  if (hit.kind === "edge") return { at: lens.onScreen(hit.at), reach: 8 };
  return { at: lens.onScreen({ x: hit.box.left + 80 / scale, y: hit.box.top }), reach: 30 };
}

export class Tip {
  readonly element = element("div", { class: "graph-tip", role: "presentation" });
  private shown: Hit | null = null;

  constructor(private readonly lens: Lens) {
    this.element.hidden = true;
  }

  show(hit: Hit | null, state: State): void {
    this.shown = hit;
    this.element.hidden = hit === null;
    if (!hit) return;
    this.element.replaceChildren(...content(hit, state));
    this.place();
  }

  /** Above its thing, or below where there is no room. */
  place(): void {
    if (!this.shown) return;
    const { at, reach } = anchor(this.shown, this.lens);
    const { offsetWidth: width, offsetHeight: height } = this.element;
    // Calls run from left to right, so there is more to cover beside than above.
    const above = at.y - reach - GAP - height;
    const below = at.y + reach + GAP + NAME;
    const left = Math.min(Math.max(at.x - width / 2, 8), Math.max(this.lens.width() - width - 8, 8));
    const top = above > BAR || below + height > this.lens.height() ? Math.max(above, 8) : below;
    this.element.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }
}
