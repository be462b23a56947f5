// Over the picture: find, hide, focus, groups, what is shown beside it, files.
import { element, icon } from "../dom";
import { ExpressionField } from "./field";
import { FIND_PRESETS, HIDE_PRESETS } from "./presets";
import type { Format } from "./saving";
import { plural } from "./sentences";
import type { State, Store } from "./state";
import { LABEL_CHOICES, type LabelChoice } from "./traffic/figures";
import { MOST_HOPS, type View } from "./view";

export interface Commands {
  fit(): void;
  zoom(factor: number): void;
  showFound(): void;
  save(format: Format): void;
}

const FORMATS: readonly (readonly [Format, string])[] = [
  ["png", "PNG, as it is on the screen"],
  ["svg", "SVG, the whole picture"],
  ["json", "JSON, what is visible"],
  ["dot", "DOT, for Graphviz"],
];

function button(
  label: string,
  symbol: string,
  act: () => void,
  style = "button quiet icon-only",
): HTMLButtonElement {
  const made = element(
    "button",
    { type: "button", class: style, "aria-label": label, title: label },
    icon(symbol),
  );
  made.addEventListener("click", act);
  return made;
}

function menu(label: string, symbol: string, ...items: HTMLElement[]): HTMLDetailsElement {
  const summary = element(
    "summary",
    { class: "button quiet icon-only", "aria-label": label, title: label },
    icon(symbol),
  );
  return element("details", { class: "menu" }, summary, element("div", { class: "menu-list" }, ...items));
}

function item(words: string, act: () => void): HTMLButtonElement {
  const made = element("button", { type: "button", class: "menu-item" }, words);
  made.addEventListener("click", act);
  return made;
}

function outcome({ visible, view }: State): string {
  if (!visible.found || !view.find.trim()) return "";
  const { services, edges } = visible.found;
  const parts = [
    ...(services.size ? [plural(services.size, "service")] : []),
    ...(edges.size ? [plural(edges.size, "call")] : []),
  ];
  return parts.join(", ") || "nothing";
}

/** Which service, how far around it, and the way out. */
class FocusChip {
  readonly element = element("div", { class: "graph-chip graph-card", role: "group", "aria-label": "Focus" });
  private readonly words = element("span", {});
  private readonly fewer: HTMLButtonElement;
  private readonly more: HTMLButtonElement;

  constructor(store: Store) {
    const hop = (step: number) => store.look({ hops: store.now().view.hops + step });
    this.fewer = button("One hop fewer", "minus", () => hop(-1), "button quiet small icon-only");
    this.more = button("One hop more", "plus", () => hop(1), "button quiet small icon-only");
    const end = button(
      "Leave the focus",
      "close",
      () => store.look({ focus: "" }),
      "button quiet small icon-only",
    );
    this.element.append(this.words, this.fewer, this.more, end);
  }

  show({ focus, hops }: View): void {
    this.element.hidden = focus === "";
    this.words.replaceChildren(element("strong", {}, focus), ` and ${plural(hops, "hop")} around`);
    this.fewer.disabled = hops <= 1;
    this.more.disabled = hops >= MOST_HOPS;
  }
}

interface Toggle {
  button: HTMLButtonElement;
  name: "isMoving" | "hasLegend" | "hasMinimap" | "hasOutline";
}

const TOGGLES: readonly (readonly [name: Toggle["name"], label: string, symbol: string])[] = [
  ["isMoving", "Moving traffic", "play"],
  ["hasLegend", "Legend", "layers"],
  ["hasMinimap", "Minimap", "eye"],
  ["hasOutline", "The graph in words", "document"],
];

/** Groups, what is shown beside the picture, files. */
class Tools {
  readonly element: HTMLElement;
  private readonly fold = element("button", { type: "button", class: "button quiet" });
  private readonly toggles: readonly Toggle[];
  private readonly labels = element("select", {
    class: "select graph-labels",
    "aria-label": "Number on each call",
    title: "Number on each call",
  });

  constructor(store: Store, commands: Commands) {
    this.fold.addEventListener("click", () => foldAll(store));
    this.toggles = TOGGLES.map(([name, label, symbol]) => ({
      button: button(label, symbol, () => store.look({ [name]: !store.now().view[name] })),
      name,
    }));
    this.labels.append(...LABEL_CHOICES.map(([choice, words]) => element("option", { value: choice }, words)));
    this.labels.addEventListener("change", () => store.look({ labels: this.labels.value as LabelChoice }));
    const formats = FORMATS.map(([format, words]) => item(words, () => commands.save(format)));
    const files = menu("Save as a file", "download", ...formats);
    const toggles = this.toggles.map((toggle) => toggle.button);
    this.element = element("div", { class: "graph-tools graph-card" }, this.labels, this.fold, ...toggles, files);
  }

  learn(state: State): void {
    this.fold.hidden = !state.scene.isGrouped;
    this.fold.textContent = isAnyFolded(state) ? "Expand all" : "Collapse all";
    this.labels.value = state.view.labels;
    for (const { button: made, name } of this.toggles) {
      made.setAttribute("aria-pressed", String(state.view[name]));
    }
  }
}

function findField(store: Store, commands: Commands): ExpressionField {
  return new ExpressionField({
    name: "find",
    label: "Find: a name, or health = critical",
    icon: "search",
    presets: FIND_PRESETS,
    model: () => store.now().model,
    changed: (find) => store.look({ find }),
    entered: () => commands.showFound(),
  });
}

function hideField(store: Store): ExpressionField {
  return new ExpressionField({
    name: "hide",
    label: "Hide: not declared",
    icon: "eye-off",
    presets: HIDE_PRESETS,
    model: () => store.now().model,
    changed: (hide) => store.look({ hide }),
    entered: () => undefined,
  });
}

export function zoomButtons(commands: Commands): HTMLElement {
  return element(
    "div",
    { class: "graph-zoom graph-card" },
    button("Zoom in", "plus", () => commands.zoom(1.4)),
    button("Zoom out", "minus", () => commands.zoom(1 / 1.4)),
    button("Fit", "fit", () => commands.fit()),
  );
}

export class Toolbar {
  readonly element: HTMLElement;
  private readonly find: ExpressionField;
  private readonly hide: ExpressionField;
  private readonly focus: FocusChip;
  private readonly tools: Tools;

  constructor(store: Store, commands: Commands) {
    this.find = findField(store, commands);
    this.hide = hideField(store);
    this.focus = new FocusChip(store);
    this.tools = new Tools(store, commands);
    const parts = [this.find, this.hide, this.focus, this.tools].map((part) => part.element);
    this.element = element("div", { class: "graph-bar" }, ...parts);
  }

  learn(state: State): void {
    this.find.show(state.view.find, outcome(state));
    this.hide.show(state.view.hide, "");
    this.focus.show(state.view);
    this.tools.learn(state);
  }
}

const isAnyFolded = ({ scene }: State): boolean => scene.boxes.some((box) => box.isFolded);

function foldAll(store: Store): void {
  const grouping = isAnyFolded(store.now()) ? "expanded" : "collapsed";
  store.look({ grouping, otherwise: new Set() });
}
