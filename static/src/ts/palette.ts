// Ctrl-K: everything by its name. Pages and what this browser can do are here; services, nodes and
// intentions are asked of the server, which knows what this token may see.
import { element, find, icon } from "./dom";
import { choose, chosen } from "./display";
import { ranked, type Match } from "./fuzzy";
import { visit } from "./navigate";

type Kind = "page" | "action" | "service" | "node" | "intention";

interface Entry {
  kind: Kind;
  label: string;
  hint: string;
  icon: string;
  go: () => void;
}

interface Answered {
  kind: Kind;
  label: string;
  hint?: string;
  path: string;
}

const GROUPS: Record<Kind, string> = {
  page: "Pages",
  service: "Services",
  node: "Nodes",
  intention: "Intentions",
  action: "Actions",
};
const ICONS: Record<Kind, string> = {
  page: "arrow-right",
  service: "services",
  node: "nodes",
  intention: "intentions",
  action: "bolt",
};
const WAIT_MS = 60;
const MOST_PER_GROUP = 8;

let found: Entry[] = [];
let options: { entry: Entry; option: HTMLElement }[] = [];
let selected = 0;
let waiting = 0;
let asking: AbortController | null = null;

const dialog = () => find("#palette", HTMLDialogElement);
const input = () => find(".palette-input", HTMLInputElement);
const list = () => document.getElementById("palette-list");

function pages(): Entry[] {
  return [...document.querySelectorAll<HTMLAnchorElement>("#rail a.rail-item")].map((item) => ({
    kind: "page",
    label: item.textContent?.trim() ?? "",
    hint: item.dataset["letter"] ? `g ${item.dataset["letter"]}` : "",
    icon: item.dataset["name"] ?? ICONS.page,
    go: () => visit(item.href),
  }));
}

function actions(): Entry[] {
  const act = (label: string, symbol: string, go: () => void): Entry => ({
    kind: "action",
    label,
    hint: "",
    icon: symbol,
    go,
  });
  const isCompact = chosen("density") === "compact";
  return [
    act("Dark theme", "theme", () => choose("theme", "dark")),
    act("Light theme", "theme", () => choose("theme", "light")),
    act("Theme of the system", "theme", () => choose("theme", "")),
    act(isCompact ? "Comfortable rows" : "Compact rows", "layers", () =>
      choose("density", isCompact ? "" : "compact"),
    ),
    act("Keyboard shortcuts", "keyboard", () => find("#keys", HTMLDialogElement)?.showModal()),
    act("Copy the link to this page", "link", () => void navigator.clipboard?.writeText(location.href)),
  ];
}

function isAnswered(value: unknown): value is Answered {
  if (typeof value !== "object" || value === null) return false;
  const { kind, label, path } = value as Partial<Answered>;
  return typeof kind === "string" && kind in GROUPS && typeof label === "string" && typeof path === "string";
}

/** The server ranks by itself, so that five thousand services need not come here. */
async function ask(query: string): Promise<void> {
  asking?.abort();
  asking = new AbortController();
  try {
    const path = `/ui/palette.json?q=${encodeURIComponent(query)}`;
    const answer = await fetch(path, { headers: { "HX-Request": "true" }, signal: asking.signal });
    if (!answer.ok) return;
    const said = (await answer.json()) as { entries?: unknown };
    const entries = Array.isArray(said.entries) ? said.entries.filter(isAnswered) : [];
    found = entries.map(({ kind, label, hint, path: to }) => ({
      kind,
      label,
      hint: hint ?? "",
      icon: ICONS[kind],
      go: () => visit(to),
    }));
    if (input()?.value === query) show(query);
  } catch {
    // Aborted by the next letter, or offline: what is known here is still offered.
  }
}

function show(query: string): void {
  const box = list();
  if (!box) return;
  const all = ranked(query, [...pages(), ...found, ...actions()]);
  const kinds = [...new Set(all.map(({ entry }) => entry.kind))];
  if (query.trim() === "") kinds.sort((a, b) => order(a) - order(b));
  options = [];
  box.replaceChildren(
    ...kinds.map((kind) => {
      const title = element("div", { class: "palette-group", id: `palette-${kind}` }, GROUPS[kind]);
      const group = element("div", { role: "group", "aria-labelledby": title.id }, title);
      for (const { entry, match } of all.filter(({ entry }) => entry.kind === kind).slice(0, MOST_PER_GROUP)) {
        const option = optionOf(entry, match, options.length);
        options.push({ entry, option });
        group.append(option);
      }
      return group;
    }),
  );
  if (options.length === 0) box.append(nothing(query));
  select(0);
}

function order(kind: Kind): number {
  return Object.keys(GROUPS).indexOf(kind);
}

function nothing(query: string): HTMLElement {
  return element("p", { class: "palette-group" }, `Nothing is called “${query}”, or you may not see it.`);
}

function optionOf(entry: Entry, match: Match, index: number): HTMLElement {
  const label = element("span", { class: "truncate" });
  const places = new Set(match.at);
  [...entry.label].forEach((letter, place) => {
    const last = label.lastChild;
    const isMark = places.has(place);
    if (last && (last instanceof HTMLElement) === isMark) last.textContent += letter;
    else label.append(isMark ? element("mark", {}, letter) : letter);
  });
  const hint = element("span", { class: "palette-hint" }, entry.hint);
  return element(
    "div",
    { class: "palette-option", role: "option", id: `palette-option-${index}`, "aria-selected": "false" },
    icon(entry.icon),
    label,
    hint,
  );
}

function select(index: number): void {
  const previous = options[selected];
  previous?.option.setAttribute("aria-selected", "false");
  selected = Math.min(Math.max(index, 0), Math.max(options.length - 1, 0));
  const current = options[selected];
  current?.option.setAttribute("aria-selected", "true");
  current?.option.scrollIntoView({ block: "nearest" });
  if (current) input()?.setAttribute("aria-activedescendant", current.option.id);
  else input()?.removeAttribute("aria-activedescendant");
}

function go(index: number): void {
  const entry = options[index]?.entry;
  if (!entry) return;
  dialog()?.close();
  entry.go();
}

function keydown(event: KeyboardEvent): void {
  const moves: Record<string, () => void> = {
    ArrowDown: () => select((selected + 1) % Math.max(options.length, 1)),
    ArrowUp: () => select((selected - 1 + options.length) % Math.max(options.length, 1)),
    PageDown: () => select(selected + 8),
    PageUp: () => select(selected - 8),
    Enter: () => go(selected),
  };
  const move = moves[event.key];
  if (!move || event.isComposing) return;
  event.preventDefault();
  move();
}

function typed(): void {
  const query = input()?.value ?? "";
  show(query);
  clearTimeout(waiting);
  waiting = window.setTimeout(() => void ask(query), WAIT_MS);
}

export function openPalette(): void {
  const box = dialog();
  const field = input();
  if (!box || !field || box.open) return;
  field.value = "";
  box.showModal();
  field.focus();
  typed();
}

export function installPalette(): void {
  input()?.addEventListener("input", typed);
  input()?.addEventListener("keydown", keydown);
  list()?.addEventListener("mousemove", (event) => {
    const at = options.findIndex(({ option }) => event.target instanceof Node && option.contains(event.target));
    if (at >= 0 && at !== selected) select(at);
  });
  list()?.addEventListener("click", (event) => {
    go(options.findIndex(({ option }) => event.target instanceof Node && option.contains(event.target)));
  });
  dialog()?.addEventListener("click", (event) => {
    if (event.target === dialog()) dialog()?.close();
  });
}
