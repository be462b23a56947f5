// What passes over the call, or reaches the service, that the panel is about: kept true while it is open.
import { element } from "../../dom";
import { edgeKey } from "../edge_key";
import type { Model } from "../model";
import { facts, inBrief } from "./figures";
import type { Measured } from "./measured";

interface Subject {
  of: Measured | undefined;
  isTcp: boolean;
}

/** `data-traffic-to` is the service, or the call's destination where there is `data-traffic-from`. */
function subject({ dataset }: HTMLElement, { traffic, vertices }: Model): Subject {
  const to = dataset["trafficTo"] ?? "";
  const from = dataset["trafficFrom"];
  const of = from === undefined ? traffic.vertices.get(to) : traffic.edges.get(edgeKey(from, to));
  return { of, isTcp: vertices.get(to)?.protocol === "tcp" };
}

function nothing(place: HTMLElement, { traffic }: Model): string {
  if (!traffic.version) return "Waiting for the first numbers.";
  return traffic.vertices.has(place.dataset["trafficTo"] ?? "")
    ? "No call in the last 15 minutes."
    : "No proxy in front of it reports its traffic.";
}

function list(place: HTMLElement, model: Model, now: number): HTMLElement {
  const { of, isTcp } = subject(place, model);
  const found = of && of.seen !== null ? facts(of, now, { isTcp }) : [];
  if (!found.length) return element("p", { class: "muted" }, nothing(place, model));
  const rows = found.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]);
  return element("dl", { class: of?.isStale ? "kv graph-stale" : "kv" }, ...rows);
}

export function tellPanel(panel: HTMLElement, model: Model): void {
  const now = Date.now() / 1000;
  for (const place of panel.querySelectorAll<HTMLElement>("[data-traffic-to]")) {
    if (place.hasAttribute("data-brief")) {
      const words = inBrief(subject(place, model).of);
      if (place.textContent !== words) place.textContent = words;
      continue;
    }
    const made = list(place, model, now);
    // Writing what stands there already would tell the observer of the panel of it, and never end.
    if (place.firstElementChild?.outerHTML !== made.outerHTML) place.replaceChildren(made);
  }
}
