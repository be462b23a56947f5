// Numbers of traffic as they are read: three figures, and always their unit.
import { isActive, type Measured } from "./measured";

const figures = (value: number): string => {
  if (value === 0) return "0";
  const rounded = Number(value.toPrecision(3));
  return rounded.toLocaleString("en", { maximumSignificantDigits: 3 });
};

function scaled(value: number, step: number, units: readonly string[]): string {
  let [rest, at] = [value, 0];
  while (rest >= step * 0.9995 && at < units.length - 1) [rest, at] = [rest / step, at + 1];
  return `${figures(rest)}${units[at]}`;
}

export const rate = (value: number): string => scaled(value, 1000, ["/s", "k/s", "M/s"]);
export const share = (ratio: number): string =>
  ratio > 0 && ratio < 0.001 ? "<0.1 %" : `${figures(ratio < 1 && ratio > 0.999 ? 0.999 * 100 : ratio * 100)} %`;
export const milliseconds = (value: number): string =>
  value < 1 ? `${figures(Number(value.toFixed(2)))} ms` : scaled(value, 1000, [" ms", " s"]);
export const bytes = (value: number): string =>
  scaled(value, 1000, [" B/s", " kB/s", " MB/s", " GB/s"]);

/** How long ago, roughly. */
export function ago(seen: number, now: number): string {
  const passed = Math.max(now - seen, 0);
  if (passed < 12) return "now";
  if (passed < 90) return `${Math.round(passed / 5) * 5} s ago`;
  return `${Math.round(passed / 60)} min ago`;
}

export type LabelChoice = "none" | "rps" | "errors" | "p95" | "bytes";
export const LABEL_CHOICES: readonly (readonly [LabelChoice, string])[] = [
  ["none", "No numbers"],
  ["rps", "Requests a second"],
  ["errors", "Errors"],
  ["p95", "p95 latency"],
  ["bytes", "Bytes a second"],
];

/** What stands on an edge; "" where there is nothing to say. */
export function label(choice: LabelChoice, of: Measured): string {
  if (choice === "rps" && !of.rate && of.denied) return `✕ ${rate(of.denied)}`;
  const [value, written] = {
    none: [null, String],
    rps: [of.rate, rate],
    errors: [of.errorRatio, share],
    p95: [of.p95, milliseconds],
    bytes: [of.bytes, bytes],
  }[choice] as [number | null, (value: number) => string];
  return value === null ? "" : written(value);
}

/** Names and values, as the panel and the tip list them. */
export function facts(of: Measured, now: number, { isTcp = false, isOfSeveral = false } = {}): [string, string][] {
  const found: [string, string][] = [];
  const tell = (name: string, value: number | null, written: (value: number) => string): void => {
    if (value !== null) found.push([name, written(value)]);
  };
  tell(isTcp ? "Connections opened" : "Requests", of.rate, rate);
  tell("Errors", of.errorRatio, share);
  const percentiles = [of.p50, of.p95, of.p99];
  if (percentiles.some((value) => value !== null)) {
    const written = percentiles.map((value) => (value === null ? "–" : milliseconds(value))).join(" · ");
    found.push([isOfSeveral ? "p50 · p95 · p99, slowest call" : "p50 · p95 · p99", written]);
  }
  tell("Bytes", of.bytes, bytes);
  tell("Connections", of.connections, (value) => value.toLocaleString("en"));
  if (of.denied) found.push(["Denied attempts", rate(of.denied)]);
  tell("Last seen", of.seen, (value) => (isActive(of) && !of.isStale ? "now" : ago(value, now)));
  if (of.isStale) found.push(["Stale", "its proxies report no more"]);
  return found;
}

/** As short as a line of a list wants it. */
export function inBrief(of: Measured | undefined): string {
  if (!of || (!of.rate && !of.denied)) return "";
  return [
    ...(of.rate ? [rate(of.rate)] : []),
    ...(of.errorRatio ? [`${share(of.errorRatio)} errors`] : []),
    ...(of.denied ? [`${rate(of.denied)} denied`] : []),
    ...(of.isStale ? ["stale"] : []),
  ].join(", ");
}

/** One clause, as the outline and a screen reader have it. */
export function inWords(of: Measured | undefined, now: number): string {
  if (!of || of.seen === null) return "";
  if (!of.rate && !of.denied) return `last call ${ago(of.seen, now)}`;
  const parts = [
    ...(of.rate ? [`${rate(of.rate).replace("/s", " a second")}`] : []),
    ...(of.errorRatio ? [`${share(of.errorRatio)} errors`] : []),
    ...(of.p95 !== null ? [`p95 ${milliseconds(of.p95)}`] : []),
    ...(of.denied ? [`${rate(of.denied).replace("/s", " a second")} denied`] : []),
    ...(of.isStale ? ["stale"] : []),
  ];
  return parts.join(", ");
}
