// The slide-over: <a href="/ui/services/web" data-panel="/ui/services/web/summary"> shows the
// summary beside the list; href is the whole page, for other tabs and for "open as a page". What is
// open stands in the URL's fragment, so a link to it opens it again.
import { find, onPage, origin, page } from "./dom";
import { closeMenus } from "./menus";
import { morph } from "./morph";
import { fragment } from "./requests";
import { tellAll } from "./times";

const KEY = "#panel=";
const REFRESH_MS = 1_000;

interface Opened {
  path: string;
  whole: string;
  opener: HTMLElement | null;
}

let opened: Opened | null = null;
let refreshing = 0;
let asking: AbortController | null = null;

const aside = () => document.getElementById("panel");
const isNarrow = () => matchMedia("(max-width: 719.9px)").matches;

function keepInUrl(): void {
  const place = opened ? `${KEY}${encodeURIComponent(opened.path)}` : "";
  if (location.hash === place) return;
  history.replaceState(history.state, "", location.pathname + location.search + place);
}

/** On a small screen it covers all, so nothing behind it takes focus. */
function block(isBlocked: boolean): void {
  for (const part of document.querySelectorAll<HTMLElement>("#page, #rail, .topbar, .status-bar")) {
    part.inert = isBlocked;
  }
}

async function load(path: string): Promise<boolean> {
  asking?.abort();
  asking = new AbortController();
  try {
    const answer = await fragment(path, asking.signal);
    const main = answer?.querySelector("main");
    const body = document.getElementById("panel-body");
    const title = document.getElementById("panel-title");
    if (!answer || !main || !body || !title || opened?.path !== path) return false;
    const next = document.createElement("div");
    next.id = body.id;
    next.className = body.className;
    next.tabIndex = -1;
    next.append(...main.childNodes);
    morph(body, next, "kept");
    title.textContent = answer.title;
    tellAll(body);
    return true;
  } catch {
    return false; // aborted by the next one, or offline, which the footer says
  }
}

function mark(): void {
  for (const row of document.querySelectorAll("#page [data-selected]")) row.removeAttribute("data-selected");
  if (!opened) return;
  for (const link of document.querySelectorAll<HTMLElement>("#page [data-panel]")) {
    if (link.dataset["panel"] === opened.path) link.closest("tr, li")?.setAttribute("data-selected", "");
  }
}

export async function openPanel(path: string, whole = path, opener: HTMLElement | null = null): Promise<void> {
  opened = { path, whole, opener };
  const isThere = await load(path);
  const panel = aside();
  if (!isThere || !panel) return;
  panel.setAttribute("data-open", "");
  find("[data-panel-whole]", HTMLAnchorElement)?.setAttribute("href", whole);
  document.getElementById("panel-body")?.scrollTo(0, 0);
  document.getElementById("panel-title")?.focus({ preventScroll: true });
  block(isNarrow());
  keepInUrl();
  mark();
}

export function closePanel(): boolean {
  const panel = aside();
  if (!opened || !panel) return false;
  const { opener } = opened;
  const hadFocus = panel.contains(document.activeElement);
  opened = null;
  panel.removeAttribute("data-open");
  block(false);
  keepInUrl();
  mark();
  if (hadFocus) (opener?.isConnected ? opener : page())?.focus({ preventScroll: true });
  return true;
}

/** The mesh has moved on: so does what the panel shows, though less often. */
function refresh(): void {
  mark();
  if (!opened) return;
  keepInUrl();
  const { path } = opened;
  clearTimeout(refreshing);
  refreshing = window.setTimeout(() => {
    if (opened?.path === path) void load(path);
  }, REFRESH_MS);
}

function click(event: MouseEvent): void {
  if (origin(event, "[data-panel-close]")) closePanel();
  const link = origin(event, "a[data-panel]");
  if (!(link instanceof HTMLAnchorElement) || event.defaultPrevented) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  event.stopPropagation();
  closeMenus();
  void openPanel(link.dataset["panel"] ?? "", link.href, link);
}

export function installPanel(): void {
  // Before htmx, which would go to the whole page.
  document.addEventListener("click", click, true);
  onPage(refresh);
  let pathname = location.pathname;
  document.addEventListener("tulle:visited", () => {
    if (location.pathname !== pathname) closePanel();
    pathname = location.pathname;
  });
  if (location.hash.startsWith(KEY)) {
    const path = decodeURIComponent(location.hash.slice(KEY.length));
    // Only a page of ours, whatever a link says.
    if (path.startsWith("/ui/")) void openPanel(path);
  }
}
