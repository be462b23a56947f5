// Places bars along time: data-start and data-end are shares of the lane, from 0 to 1.
import { onPage } from "./dom";

function share(value: string | undefined): number {
  return Math.min(1, Math.max(0, Number(value ?? 0) || 0));
}

function place(within: ParentNode): void {
  for (const bar of within.querySelectorAll<HTMLElement>(".lane-bar, .lane-now")) {
    const start = share(bar.dataset["start"]);
    bar.style.left = `${start * 100}%`;
    if (bar.dataset["end"]) bar.style.width = `${Math.max(0, share(bar.dataset["end"]) - start) * 100}%`;
  }
}

export function installLanes(): void {
  onPage(place);
  place(document);
}
