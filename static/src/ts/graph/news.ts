// Says what changes to those who hear the page: one sentence at most every ten seconds.
import { announce } from "../dom";
import { plural, VERDICT_WORDS } from "./sentences";
import type { Model, Noticed } from "./model";

const EVERY_MS = 10_000;

function told(names: readonly string[], one: (name: string) => string, several: string): string[] {
  const [name] = names;
  if (name === undefined) return [];
  return [names.length === 1 ? one(name) : `${names.length} ${several}`];
}

export function sentence(noticed: Noticed, model: Model): string {
  const edge = (key: string) => model.edges.get(key);
  const parts = [
    ...told(noticed.newVertices, (name) => `${name} is new`, "services are new"),
    ...told(
      noticed.turnedVertices,
      (name) => `${name} is ${model.vertices.get(name)?.health ?? "gone"}`,
      "services changed their health",
    ),
    ...told(
      noticed.turnedEdges,
      (key) =>
        `${edge(key)?.source} to ${edge(key)?.destination} is ${VERDICT_WORDS[edge(key)?.verdict ?? "unknown"]}`,
      "calls changed their verdict",
    ),
    ...(noticed.newEdges.length ? [`${plural(noticed.newEdges.length, "new call")}`] : []),
  ];
  return parts.join("; ");
}

export class News {
  private waiting: Noticed = { newVertices: [], newEdges: [], turnedEdges: [], turnedVertices: [] };
  private timer = 0;
  private last = -EVERY_MS;

  learn(noticed: Noticed, model: () => Model): void {
    for (const name of Object.keys(noticed) as (keyof Noticed)[]) {
      this.waiting[name] = [...new Set([...this.waiting[name], ...noticed[name]])];
    }
    if (!sentence(this.waiting, model())) return;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(
      () => this.say(model()),
      Math.max(this.last + EVERY_MS - performance.now(), 500),
    );
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private say(model: Model): void {
    this.last = performance.now();
    announce(sentence(this.waiting, model));
    this.waiting = { newVertices: [], newEdges: [], turnedEdges: [], turnedVertices: [] };
  }
}
