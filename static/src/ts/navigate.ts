// From page to page without loading the shell again. htmx fetches and keeps the history; here is
// what it puts where, and what a reader expects of a new page: its title, its top, its focus.
import htmx from "htmx.org";

import { announce, element, find, page, pageChanged } from "./dom";
import { csrfToken } from "./requests";
import { toast, toastOf } from "./toasts";

interface Exchange {
  elt: Element;
  target: Element;
  xhr: XMLHttpRequest;
  boosted: boolean;
  requestConfig: { verb: string; boosted: boolean };
}

interface Swap extends Exchange {
  shouldSwap: boolean;
  ignoreTitle: boolean;
  serverResponse: string;
  selectOverride?: string;
  swapOverride?: string;
}

interface Configured {
  verb: string;
  headers: Record<string, string>;
  formData: FormData;
}

/** What of the page is on the screen: the server names it by a version, made from its content. */
export const shown = {
  pathname: location.pathname,
  version: document.body.dataset["version"] ?? "",
  index: Number(document.body.dataset["index"] ?? 0),
  /** The version of the traffic that is drawn, "" before the first, and null where none is. */
  traffic: null as string | null,
};

const scrolls = new Map<string, number>();
let returning: string | null = null;

function detail<Type>(event: Event): Type {
  return (event as CustomEvent<Type>).detail;
}

function configure(event: Event): void {
  const { verb, headers, formData } = detail<Configured>(event);
  if (verb !== "get") {
    headers["X-CSRFToken"] = csrfToken();
    return;
  }
  // What is not filled in has no place in the URL.
  for (const name of new Set(formData.keys())) {
    if (formData.getAll(name).every((value) => value === "")) formData.delete(name);
  }
}

function busy(isBusy: boolean): void {
  const line = document.getElementById("progress");
  if (line) line.dataset["state"] = isBusy ? "busy" : "done";
}

function isPage(exchange: Exchange): boolean {
  return exchange.requestConfig.boosted || exchange.target.id === "page";
}

function placed(event: Event): void {
  const swap = detail<Swap>(event);
  swap.ignoreTitle = true;
  const main = page();
  if (!isPage(swap)) {
    // A refusal without a form to show again speaks by its toast.
    if (!swap.serverResponse.trim()) swap.shouldSwap = false;
    return;
  }
  if (!main || !swap.serverResponse.includes('id="page"')) {
    if (swap.serverResponse.trim()) location.assign(swap.xhr.responseURL);
    swap.shouldSwap = false;
    return;
  }
  const isSamePage = new URL(swap.xhr.responseURL).pathname === shown.pathname;
  const isForm = swap.elt instanceof HTMLFormElement && swap.requestConfig.verb === "get";
  swap.target = main;
  swap.selectOverride = "#page";
  swap.swapOverride = isSamePage ? (isForm ? "morph:kept" : "morph") : "replace";
}

/** Of the request itself: what asked for it may be gone from the page by now, and hear no events. */
function arrived(exchange: Exchange): void {
  const { xhr } = exchange;
  if (exchange.requestConfig.boosted) busy(false);
  if (xhr.status === 0) return;
  toastOf(xhr.getResponseHeader("HX-Trigger"));
  // Not htmx's HX-Location, which would put the page in the place of the whole shell.
  const next = xhr.getResponseHeader("Tulle-Go-To");
  if (next) visit(next);
  if (!isPage(exchange) || !page()) return;
  const text = xhr.responseText;
  const end = text.indexOf("</title>");
  if (end < 0) return;
  const parsed = new DOMParser().parseFromString(text.slice(0, end + 8), "text/html");
  shown.version = xhr.getResponseHeader("Tulle-Version") ?? "";
  shown.index = Number(xhr.getResponseHeader("Tulle-Index") ?? 0);
  settle(parsed.title);
}

function settle(title: string): void {
  setTitle(title);
  markRail();
  const isNewPage = location.pathname !== shown.pathname;
  shown.pathname = location.pathname;
  if (returning !== null) {
    scrollTo(0, scrolls.get(returning) ?? 0);
    returning = null;
  } else if (isNewPage) {
    scrollTo(0, 0);
    page()?.focus({ preventScroll: true });
  }
  if (isNewPage) announce(title);
  pageChanged();
  document.dispatchEvent(new CustomEvent("tulle:visited"));
}

export function setTitle(title: string): void {
  document.title = title.endsWith("Tulle") ? title : `${title} · Tulle`;
}

/** The rail's item whose path is the longest beginning of where we are. */
function markRail(): void {
  const items = [...document.querySelectorAll<HTMLAnchorElement>("#rail a.rail-item")];
  const here = (item: HTMLAnchorElement) =>
    location.pathname === item.pathname ||
    (item.pathname !== "/ui/" && location.pathname.startsWith(`${item.pathname}/`));
  const current = items.filter(here).sort((a, b) => b.pathname.length - a.pathname.length)[0];
  for (const item of items) {
    if (item === current) item.setAttribute("aria-current", "page");
    else item.removeAttribute("aria-current");
  }
}

/** Go to a page as a click on a link would. */
export function visit(path: string): void {
  const link = find("#visit", HTMLAnchorElement) ?? element("a", { id: "visit" });
  link.hidden = true;
  link.href = path;
  document.body.append(link);
  htmx.process(link);
  link.click();
}

function returned(event: Event): void {
  event.preventDefault();
  returning = location.href;
  void htmx.ajax("get", location.pathname + location.search, {
    source: document.body,
    target: "#page",
  });
}

function failed(sentence: string): (event: Event) => void {
  return (event) => {
    busy(false);
    const { verb } = detail<Exchange>(event).requestConfig;
    toast({ kind: "error", text: verb === "get" ? sentence : `${sentence} Nothing was changed.` });
  };
}

function refused(event: Event): void {
  const { xhr } = detail<Exchange>(event);
  // Where the answer says itself what is wrong, its own toast does.
  if (xhr.status >= 500 && !xhr.getResponseHeader("HX-Trigger")) {
    toast({ kind: "error", text: `The server failed (${xhr.status}); its log says why.` });
  }
}

export function installNavigation(): void {
  history.scrollRestoration = "manual";
  const on = (name: string, listener: (event: Event) => void) =>
    document.addEventListener(`htmx:${name}`, listener);
  on("configRequest", configure);
  on("beforeRequest", (event) => {
    const exchange = detail<Exchange>(event);
    exchange.xhr.addEventListener("loadend", () => arrived(exchange));
    if (!exchange.requestConfig.boosted) return;
    busy(true);
    scrolls.set(location.href, scrollY);
  });
  on("beforeSwap", placed);
  on("historyCacheMiss", returned);
  on("sendError", failed("The server cannot be reached."));
  on("timeout", failed("The server does not answer."));
  on("responseError", refused);
  addEventListener("pagehide", () => (history.scrollRestoration = "auto"));
}
