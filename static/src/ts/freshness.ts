// The footer: of which index the page is, how old that is, and whether it follows.
import { announce } from "./dom";
import { relative } from "./relative";

export type State = "connecting" | "live" | "offline" | "paused";

const WORDS: Record<State, string> = {
  connecting: "Connecting",
  live: "Live",
  offline: "Offline, trying again",
  paused: "Paused",
};

const known = { index: Number(document.body.dataset["index"] ?? 0), at_ms: NaN };

function place(): HTMLElement | null {
  return document.getElementById("freshness");
}

function tell(): void {
  const text = document.querySelector("[data-freshness-text]");
  if (!text) return;
  const age = Number.isNaN(known.at_ms) ? "" : `, changed ${relative(known.at_ms, Date.now())}`;
  const words = `index ${known.index}${age}`;
  if (text.textContent !== words) text.textContent = words;
}

export function setState(state: State): void {
  const footer = place();
  if (!footer || footer.dataset["state"] === state) return;
  const was = footer.dataset["state"];
  footer.dataset["state"] = state;
  const words = footer.querySelector("[data-freshness-state]");
  if (words) words.textContent = WORDS[state];
  if (state === "offline") announce("The connection to the server is lost. The page may be old.");
  if (state === "live" && was === "offline") announce("The page is live again.");
}

export function setIndex(index: number, at: string): void {
  known.index = index;
  known.at_ms = Date.parse(at);
  tell();
}

/** Something on the page has just changed. */
export function pulse(): void {
  const footer = place();
  if (!footer) return;
  delete footer.dataset["pulse"];
  requestAnimationFrame(() => (footer.dataset["pulse"] = ""));
}

export function installFreshness(): void {
  setInterval(() => {
    if (!document.hidden) tell();
  }, 1_000);
}
