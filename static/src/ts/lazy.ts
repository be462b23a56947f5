// What few pages need comes when such a page is shown for the first time.
import { onPage, page } from "./dom";

const PARTS: Record<string, () => Promise<unknown>> = {
  "mesh-graph": () => import("./graph"),
  "code-editor": () => import("./code-editor/element"),
  "traffic-chart": () => import("./traffic_chart"),
  "form[data-draft]": () => import("./draft").then(({ installDrafts }) => installDrafts()),
  "table[data-matrix]": () => import("./matrix").then(({ installMatrix }) => installMatrix()),
};

function look(main: HTMLElement): void {
  for (const [selector, bring] of Object.entries(PARTS)) {
    if (!main.querySelector(selector)) continue;
    delete PARTS[selector];
    void bring();
  }
}

export function installLazy(): void {
  const main = page();
  if (main) look(main);
  onPage(look);
}
