// Places bars and marks along time: data-start and data-end are shares of the lane, from 0 to 1.
// Where now is, the browser knows: data-from and data-until are the moments at the lane's two ends.
import { onPage } from "./dom";

const EVERY_MS = 30_000;

function share(value: string | undefined): number {
  return Math.min(1, Math.max(0, Number(value ?? 0) || 0));
}

function showNow(mark: HTMLElement, now_ms: number): void {
  const from_ms = Date.parse(mark.dataset["from"] ?? "");
  const until_ms = Date.parse(mark.dataset["until"] ?? "");
  const at = (now_ms - from_ms) / (until_ms - from_ms);
  const isOutside = !(at >= 0 && at <= 1);
  if (mark.hidden !== isOutside) mark.hidden = isOutside;
  if (!isOutside) mark.style.left = `${at * 100}%`;
}

function place(within: ParentNode): void {
  for (const bar of within.querySelectorAll<HTMLElement>(".lane-bar, .lane-mark")) {
    const start = share(bar.dataset["start"]);
    bar.style.left = `${start * 100}%`;
    if (bar.dataset["end"]) bar.style.width = `${Math.max(0, share(bar.dataset["end"]) - start) * 100}%`;
  }
  const now_ms = Date.now();
  for (const mark of within.querySelectorAll<HTMLElement>(".lane-now")) showNow(mark, now_ms);
}

export function installLanes(): void {
  onPage(place);
  place(document);
  setInterval(() => {
    if (!document.hidden) place(document);
  }, EVERY_MS);
}
