// <time datetime> says how long ago, and keeps saying it rightly; the title has the moment itself.
import { onPage } from "./dom";
import { relative } from "./relative";

const EVERY_MS = 5_000;
const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });

export function tell(time: HTMLTimeElement, now_ms: number): void {
  const then_ms = Date.parse(time.dateTime);
  if (Number.isNaN(then_ms) || time.hasAttribute("data-absolute")) return;
  const words = relative(then_ms, now_ms);
  if (time.textContent !== words) time.textContent = words;
  const moment = MOMENT.format(then_ms);
  if (time.title !== moment) time.title = moment;
}

export function tellAll(within: ParentNode): void {
  const now_ms = Date.now();
  for (const time of within.querySelectorAll<HTMLTimeElement>("time[datetime]")) tell(time, now_ms);
}

export function installTimes(): void {
  onPage(tellAll);
  tellAll(document);
  setInterval(() => {
    if (!document.hidden) tellAll(document);
  }, EVERY_MS);
}
