// How long ago, or how far ahead, in the words of a table's cell. Pure.

const STEPS: [number, string][] = [
  [60, "s"],
  [60, "min"],
  [24, "h"],
  [30, "d"],
  [12, "mo"],
  [Infinity, "y"],
];
// Clocks of two machines differ; this much ahead is still now.
const SLACK_S = 5;

export function span(seconds: number): string {
  let amount = Math.abs(seconds);
  for (const [size, unit] of STEPS) {
    if (amount < size) return `${Math.floor(amount)} ${unit}`;
    amount /= size;
  }
  return "";
}

export function relative(then_ms: number, now_ms: number): string {
  const seconds = (now_ms - then_ms) / 1000;
  if (seconds < -SLACK_S) return `in ${span(seconds)}`;
  return seconds < 1 ? "just now" : `${span(seconds)} ago`;
}

/** When the words for it change next. */
export function nextChange_ms(then_ms: number, now_ms: number): number {
  const age_s = Math.abs(now_ms - then_ms) / 1000;
  if (age_s < 60) return 1_000;
  return age_s < 3_600 ? 15_000 : 60_000;
}
