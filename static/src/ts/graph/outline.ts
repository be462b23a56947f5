// The graph in words: everything that the picture shows, as a list that a keyboard walks and a screen reader reads.
// It is always there, and seen when it is asked for or has the focus.
import { element } from "../dom";
import { edgeKey } from "./edge_key";
import type { Model } from "./model";
import { aboutEdge, aboutGroup, aboutService, plural } from "./sentences";
import type { State } from "./state";
import { rate } from "./traffic/figures";
import { isActive, isAttempted, isFailing, together } from "./traffic/measured";
import type { Edge, Vertex } from "./types";
import type { Selection } from "./view";

/** How often traffic is told of anew to nobody who is seen to look. */
const TOLD_EVERY_MS = 10_000;
/** Up to so many services a group is open from the start. */
const OPEN_UP_TO = 40;

const byName = (one: Vertex, other: Vertex): number => (one.service < other.service ? -1 : 1);

export class Outline {
  readonly element = element("section", {
    class: "graph-outline",
    "aria-label": "The graph in words",
    tabindex: "-1",
  });
  private readonly summary = element("p", {});
  private readonly list = element("div", { class: "graph-outline-list" });
  private readonly opened = new Map<string, boolean>();
  /** What the lines say that tell of traffic. */
  private readonly telling = new Map<HTMLElement, (model: Model) => string>();
  private toldAt = -TOLD_EVERY_MS;

  constructor(private readonly select: (selection: Selection) => void) {
    this.element.append(element("h2", {}, "The graph in words"), this.summary, this.list);
  }

  learn(state: State): void {
    const { visible, model } = state;
    this.summary.textContent = overall(state);
    const groups = new Map<string, Vertex[]>();
    for (const vertex of [...visible.vertices].sort(byName)) {
      const members = groups.get(vertex.group);
      if (members) members.push(vertex);
      else groups.set(vertex.group, [vertex]);
    }
    this.telling.clear();
    const edges = new Set(visible.edges);
    const isOpen = visible.vertices.length <= OPEN_UP_TO;
    const focused = document.activeElement?.closest<HTMLElement>("[data-outline]")?.dataset["outline"];
    this.list.replaceChildren(
      ...[...groups.keys()].sort().map((group) => {
        const members = groups.get(group) ?? [];
        const content = () => members.map((vertex) => this.service(vertex, model, edges));
        if (group) return this.foldable(`group ${group}`, aboutGroup(group, members), isOpen, content);
        const words = `${plural(members.length, "service")} without a group`;
        return isOpen ? element("div", {}, ...content()) : this.foldable("no group", words, false, content);
      }),
    );
    if (focused) this.list.querySelector<HTMLElement>(`[data-outline="${CSS.escape(focused)}"]`)?.focus();
  }

  /** What passes has changed, and nothing else has. */
  hear(state: State): void {
    const isRead = state.view.hasOutline || this.element.contains(document.activeElement);
    if (!isRead && performance.now() - this.toldAt < TOLD_EVERY_MS) return;
    this.toldAt = performance.now();
    this.summary.textContent = overall(state);
    for (const [line, words] of this.telling) {
      const now = words(state.model);
      if (line.textContent !== now) line.textContent = now;
    }
  }

  private service(vertex: Vertex, model: Model, edges: ReadonlySet<Edge>): HTMLElement {
    const { service } = vertex;
    const content = () => {
      const calls = (model.calls.get(service) ?? []).filter((edge) => edges.has(edge));
      const callers = (model.callers.get(service) ?? []).filter((edge) => edges.has(edge));
      return [
        this.opener(`service ${service}`, `Open ${service}`, { kind: "service", service }),
        ...[...calls, ...callers].map((edge) =>
          this.tell(
            this.opener(`edge ${service} ${edge.source} ${edge.destination}`, aboutEdge(edge, model), {
              kind: "edge",
              source: edge.source,
              destination: edge.destination,
            }),
            (now) => aboutEdge(edge, now),
          ),
        ),
      ];
    };
    const made = this.foldable(service, aboutService(vertex, model), false, content);
    this.tell(made.firstElementChild, (now) => aboutService(vertex, now));
    return made;
  }

  private tell<Line extends Element | null>(line: Line, words: (model: Model) => string): Line {
    if (line instanceof HTMLElement) this.telling.set(line, words);
    return line;
  }

  private opener(key: string, words: string, selection: Selection): HTMLElement {
    const made = element(
      "button",
      { type: "button", class: "graph-outline-open", "data-outline": key },
      words,
    );
    made.addEventListener("click", () => this.select(selection));
    return made;
  }

  /** Its content is made when it is first opened: a mesh of thousands is not written out to nobody. */
  private foldable(key: string, words: string, isOpen: boolean, content: () => HTMLElement[]): HTMLElement {
    const made = element("details", {}, element("summary", { "data-outline": key }, words));
    const fill = () => {
      if (made.open && made.childElementCount === 1) made.append(...content());
    };
    made.open = this.opened.get(key) ?? isOpen;
    fill();
    made.addEventListener("toggle", () => {
      this.opened.set(key, made.open);
      fill();
    });
    return made;
  }
}

function overall({ visible, model, view }: State): string {
  const denied = visible.edges.filter((edge) => edge.verdict === "deny").length;
  const sick = visible.vertices.filter(
    ({ is_registered, health }) => is_registered && (health === "critical" || health === "warning"),
  );
  const left = model.vertices.size - visible.vertices.length;
  const carried = visible.edges
    .map((edge) => model.traffic.edges.get(edgeKey(edge.source, edge.destination)))
    .filter((each) => each !== undefined);
  const active = carried.filter(isActive);
  const failing = carried.filter(isFailing).length;
  const attempted = carried.filter(isAttempted).length;
  const parts = [
    `${plural(visible.vertices.length, "service")}, ${sick.length} of them unhealthy`,
    `${plural(visible.edges.length, "call")}, ${denied} of them denied`,
    ...(active.length
      ? [
          `${plural(active.length, "call is", "calls are")} made now, ${rate(together(active).rate ?? 0).replace("/s", " requests a second")}, ${failing} of them failing, ${attempted} with denied attempts`,
        ]
      : []),
    ...(left
      ? [`${plural(left, "service")} left out by ${view.focus ? "focus and filters" : "filters"}`]
      : []),
    ...(model.hidden ? [`${plural(model.hidden, "service")} not yours to read`] : []),
  ];
  return `${parts.join("; ")}.`;
}
