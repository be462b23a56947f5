// Keeps the page up to date over one websocket: says what this tab shows, and puts in place what
// the server sends when it changes. A lost connection comes back by itself and catches up; a tab
// that nobody sees lets go of it.
import { page, pageChanged } from "./dom";
import { pulse, setIndex, setState } from "./freshness";
import { backoff_ms, parse, type News } from "./messages";
import { morph } from "./morph";
import { setTitle, shown } from "./navigate";
import { toLogin } from "./requests";

const HIDDEN_MS = 30_000;
const SILENCE_MS = 25_000;
const ANSWER_MS = 10_000;

let socket: WebSocket | null = null;
let attempt = 0;
let retry = 0;
let hiding = 0;
let silence = 0;
let hasEnded = false;

function here(): string {
  return location.pathname + location.search;
}

/** What this tab shows by now; said again, it makes the server say that it is there. */
function watch(): void {
  if (socket?.readyState !== WebSocket.OPEN) return;
  // What moves is asked for by who draws it, and by nobody while nobody looks.
  const traffic = document.hidden ? null : shown.traffic;
  socket.send(JSON.stringify({ watch: here(), version: shown.version, ...(traffic !== null && { traffic }) }));
  expect(ANSWER_MS, () => socket?.close());
}

function expect(wait_ms: number, otherwise: () => void): void {
  clearTimeout(silence);
  silence = window.setTimeout(otherwise, wait_ms);
}

function connect(): void {
  clearTimeout(retry);
  if (socket || hasEnded || document.hidden) return;
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const opening = new WebSocket(`${scheme}//${location.host}/ui/live`);
  socket = opening;
  opening.addEventListener("open", watch);
  opening.addEventListener("message", (event: MessageEvent<unknown>) => {
    if (socket === opening && typeof event.data === "string") receive(event.data);
  });
  opening.addEventListener("close", () => {
    if (socket === opening) lost();
  });
}

function lost(): void {
  socket = null;
  clearTimeout(silence);
  if (hasEnded) return;
  if (document.hidden) {
    setState("paused");
    return;
  }
  setState("offline");
  document.dispatchEvent(new Event("tulle:lost"));
  retry = window.setTimeout(connect, backoff_ms(attempt, Math.random()));
  attempt += 1;
}

function receive(text: string): void {
  const message = parse(text);
  if (!message) return;
  if ("end" in message) {
    hasEnded = true;
    socket?.close();
    toLogin();
    return;
  }
  attempt = 0;
  setState("live");
  expect(SILENCE_MS, watch);
  if (message.watch === undefined || message.watch === here()) apply(message);
}

/** The page afterwards is the one that a reload would show. */
export function apply(news: News): void {
  const main = page();
  if (!main) return;
  shown.index = news.index;
  if (news.version !== undefined) shown.version = news.version;
  if (news.title !== undefined) setTitle(news.title);
  setIndex(news.index, news.at);
  if (news.graph !== undefined) {
    document.dispatchEvent(new CustomEvent("tulle:graph", { detail: news.graph }));
  }
  if (news.traffic !== undefined) {
    document.dispatchEvent(new CustomEvent("tulle:traffic", { detail: news.traffic }));
  }
  if (news.page !== undefined) morph(main, news.page, "kept");
  if (news.blocks !== undefined && !replace(news.blocks)) {
    // It is another page than the server thinks; let it send the whole.
    shown.version = "";
    watch();
  }
  if (news.page === undefined && news.blocks === undefined) return;
  pulse();
  pageChanged();
}

function replace(blocks: Record<string, string>): boolean {
  let areThere = true;
  for (const [id, html] of Object.entries(blocks)) {
    const block = document.getElementById(id);
    if (!block) {
      areThere = false;
      continue;
    }
    morph(block, html, "kept");
    // What moves all the time would blink all the time.
    if (!block.hasAttribute("data-restless")) mark(block);
  }
  return areThere;
}

function mark(block: Element): void {
  block.classList.add("changed");
  const done = () => {
    block.classList.remove("changed");
    if (block.className === "") block.removeAttribute("class");
  };
  // It ends on the cells where the block is a row.
  block.addEventListener("animationend", done, { once: true });
}

function visibility(): void {
  clearTimeout(hiding);
  if (shown.traffic !== null) watch();
  if (document.hidden) {
    hiding = window.setTimeout(() => socket?.close(), HIDDEN_MS);
    return;
  }
  connect();
}

export function installLive(): void {
  connect();
  document.addEventListener("visibilitychange", visibility);
  document.addEventListener("tulle:visited", watch);
  document.addEventListener("tulle:watch", watch);
  addEventListener("online", connect);
  addEventListener("offline", () => socket?.close());
  // A page that comes out of the browser's memory is as old as it was then.
  addEventListener("pageshow", (event) => {
    if (event.persisted) connect();
  });
  addEventListener("pagehide", () => {
    socket?.close();
    socket = null;
  });
}
