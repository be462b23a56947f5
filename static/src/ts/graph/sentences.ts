// The picture's facts as words: for tips, for the outline and for those who hear the page.
import { counted, type HealthCounts, type SceneEdge, type SceneVertex } from "./scene";
import type { Model } from "./model";
import { edgeKey } from "./edge_key";
import { inWords } from "./traffic/figures";
import { isSeen, seenOf } from "./traffic/traffic";
import type { Edge, Health, Verdict, Vertex } from "./types";

export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  allow: "allowed",
  deny: "denied",
  conditional: "depends on the request",
  unknown: "not yours to read",
};

const ORDER: readonly Health[] = ["critical", "warning", "unknown", "passing"];

export const plural = (count: number, one: string, several = `${one}s`): string =>
  `${count.toLocaleString("en")} ${count === 1 ? one : several}`;

/** `1 critical, 2 warning`: what is not passing, or that all is. */
export function writtenHealth(counts: HealthCounts): string {
  const sick = ORDER.filter((health) => health !== "passing" && counts[health] > 0);
  if (!sick.length) return counts.passing ? "all passing" : "none";
  return sick.map((health) => `${counts[health]} ${health}`).join(", ");
}

export function instances(vertex: Vertex): string {
  if (!vertex.is_registered) return "not registered";
  const { instances: all, passing } = vertex;
  return passing === all ? plural(all, "instance") : `${passing} of ${plural(all, "instance")} passing`;
}

export function whoDecides(edge: Edge): string {
  if (edge.verdict === "unknown") return "";
  return edge.intention
    ? `by the intention ${edge.intention.source} → ${edge.intention.destination}`
    : "by default";
}

const seconds = (): number => Date.now() / 1000;

/** One line about a service, as the outline has it and a screen reader says it. */
export function aboutService(vertex: Vertex, model: Model, now = seconds()): string {
  const calls = model.calls.get(vertex.service)?.length ?? 0;
  const callers = model.callers.get(vertex.service)?.length ?? 0;
  const parts = [
    vertex.is_registered ? vertex.health : "not registered",
    ...(vertex.is_registered ? [instances(vertex)] : []),
    ...(vertex.kind === "typical" ? [] : [vertex.kind.replace("-", " ")]),
    ...(vertex.is_registered && !vertex.has_sidecar && vertex.kind === "typical" ? ["no sidecar"] : []),
    `calls ${plural(calls, "service")}`,
    `called by ${callers}`,
    ...[inWords(model.traffic.vertices.get(vertex.service), now)].filter(Boolean),
  ];
  return `${vertex.service}: ${parts.join(", ")}`;
}

/** What passes over a call, or that nothing does; "" where nobody reports. */
function passing(edge: Edge, { traffic }: Model, now: number): string {
  if (isSeen(edge, traffic)) return inWords(traffic.edges.get(edgeKey(edge.source, edge.destination)), now);
  return seenOf(edge, traffic) === "silent" ? "no call in the last 15 minutes" : "";
}

export function aboutEdge(edge: Edge, model: Model, now = seconds()): string {
  const how = [VERDICT_WORDS[edge.verdict], whoDecides(edge)].filter(Boolean).join(" ");
  const words = passing(edge, model, now);
  const source = edge.declared ? "" : ", not declared as an upstream";
  return `${edge.source} calls ${edge.destination}: ${how}${source}${edge.mtls ? "" : ", without mutual TLS"}${words && `; ${words}`}`;
}

export function aboutGroup(group: string, services: readonly Vertex[]): string {
  return `group ${group}: ${plural(services.length, "service")}, ${writtenHealth(counted(services))}`;
}

export function aboutVertex(vertex: SceneVertex, model: Model): string {
  return vertex.service ? aboutService(vertex.service, model) : aboutGroup(vertex.group, vertex.services);
}

/** `12 allowed, 1 denied` */
export function writtenVerdicts({ verdicts }: SceneEdge): string {
  const order: readonly Verdict[] = ["deny", "conditional", "unknown", "allow"];
  return order
    .filter((verdict) => verdicts[verdict] > 0)
    .map(
      (verdict) =>
        `${verdicts[verdict]} ${verdict === "conditional" ? "conditional" : VERDICT_WORDS[verdict]}`,
    )
    .join(", ");
}
