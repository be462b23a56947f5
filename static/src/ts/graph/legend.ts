// What the shapes mean; a click takes all that an entry is about out of the picture, and puts it back.
import { element } from "../dom";
import type { State } from "./state";
import { swatch } from "./swatches";
import { EDGE_TRAITS, TRAFFIC_TRAITS, VERTEX_TRAITS } from "./visible";

const MEANING: Readonly<Record<string, string>> = {
  unknown: "registered, but without a check that says anything",
  unregistered: "named by an upstream or an intention, but not registered",
  conditional: "allowed or denied by the request: its path, method or headers",
  default: "no intention decides: the default does",
  declared: "an upstream of the caller's proxy",
  intention: "an intention names both, but no proxy declares the call, and none was seen",
  observed: "seen in the last 15 minutes, but no proxy declares it",
  silent: "declared, but not seen in the last 15 minutes, though the destination's proxies report",
  failing: "some of its requests fail; the diamonds among the dots are their share",
  attempted: "somebody tries, and an intention refuses",
  plaintext: "one end has no proxy, so the call is not encrypted",
};
const WORDS: Readonly<Record<string, string>> = {
  passing: "passing",
  warning: "warning",
  critical: "critical",
  unknown: "no check",
  unregistered: "unregistered",
  gateway: "gateway",
  allow: "allowed",
  conditional: "depends",
  deny: "denied",
  unread: "not yours to read",
  default: "by default",
  declared: "declared",
  intention: "intention only",
  observed: "seen, not declared",
  silent: "silent",
  failing: "failing",
  attempted: "denied attempts",
  plaintext: "no mutual TLS",
};

const HEARD_EVERY_MS = 2_500;

export class Legend {
  private heardAt = -HEARD_EVERY_MS;
  readonly element = element("section", {
    class: "graph-legend graph-card",
    "aria-label": "Legend and filter",
  });
  private readonly key = element(
    "span",
    {
      class: "graph-legend-key",
      title:
        "Dots run along a call: the more, the more requests; the faster, the lower the latency. The wider a line, the higher its rate: each step is ten times as much. What is pale has not been reported of for a while.",
    },
    swatch("flow"),
    "more dots: more requests; faster: lower latency",
  );
  private readonly entries = new Map<string, { button: HTMLButtonElement; count: HTMLElement }>();

  constructor(toggle: (entry: string) => void) {
    this.element.append(
      ...Object.keys(VERTEX_TRAITS).map((name) => this.entry(name, toggle)),
      element("span", { class: "graph-legend-line" }),
      ...Object.keys(EDGE_TRAITS).map((name) => this.entry(name, toggle)),
      this.key,
    );
  }

  private entry(name: string, toggle: (entry: string) => void): HTMLElement {
    const count = element("span", { class: "graph-legend-count" });
    const words = element("span", {}, WORDS[name] ?? name);
    const button = element(
      "button",
      { type: "button", class: "graph-legend-entry" },
      swatch(name),
      words,
      count,
    );
    button.addEventListener("click", () => toggle(name));
    this.entries.set(name, { button, count });
    return button;
  }

  /** What passes has changed: its entries alone are counted anew, and not each second. */
  hear(state: State): void {
    const now = performance.now();
    if (now - this.heardAt < HEARD_EVERY_MS) return;
    this.heardAt = now;
    this.learn(state, TRAFFIC_TRAITS);
  }

  learn({ model, view }: State, entries: readonly string[] = [...this.entries.keys()]): void {
    const vertices = [...model.vertices.values()];
    const edges = [...model.edges.values()];
    this.key.hidden = model.traffic.edges.size === 0;
    for (const name of entries) {
      const { button, count } = this.entries.get(name)!;
      const [ofVertex, ofEdge] = [VERTEX_TRAITS[name], EDGE_TRAITS[name]];
      const matching = ofVertex ? vertices.filter(ofVertex).length : ofEdge ? edges.filter((edge) => ofEdge(edge, model)).length : 0;
      const isOff = view.off.has(name);
      count.textContent = matching.toLocaleString("en");
      button.hidden = matching === 0 && !isOff;
      button.setAttribute("aria-pressed", String(!isOff));
      const act = isOff ? "Click to show them again" : "Click to take them out of the picture";
      button.title = [MEANING[name], act].filter(Boolean).join(". ");
    }
  }
}
