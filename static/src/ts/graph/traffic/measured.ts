// What passes over an edge, or reaches a service, as the server measures it; and what several together are.

import type { Health } from "../types";

/** Of the last ten seconds; null where nobody knows. */
export interface Measured {
  /** Requests that were let through (of TCP: connections), a second. */
  rate: number | null;
  errorRatio: number | null;
  p50: number | null;
  p95: number | null;
  p99: number | null;
  bytes: number | null;
  /** Attempts that an intention refused, a second. */
  denied: number | null;
  connections: number | null;
  /** The last call, in seconds since 1970. */
  seen: number | null;
  /** Nobody reports of it any more. */
  isStale: boolean;
  /** By the checks and by this. */
  health: Health;
}

type Reading = number | null;
export type Row = [
  ...[Reading, Reading, Reading, Reading, Reading, Reading, Reading, Reading, Reading],
  isStale: 0 | 1,
  health: 0 | 1 | 2 | 3,
];
const HEALTHS = ["unknown", "passing", "warning", "critical"] as const;

export const UNKNOWN: Measured = {
  rate: null,
  errorRatio: null,
  p50: null,
  p95: null,
  p99: null,
  bytes: null,
  denied: null,
  connections: null,
  seen: null,
  isStale: false,
  health: "unknown",
};

/** What is seen now is told without a time; times are of the server's clock, which is `ahead` of ours. */
export function measured(row: Row, now: number, ahead: number): Measured {
  const [rate, errorRatio, p50, p95, p99, bytes, denied, connections, told, stale, health] = row;
  const isNow = told === null && ((rate ?? 0) > 0 || (denied ?? 0) > 0);
  const [seen, isStale] = [isNow ? now : told && told - ahead, stale === 1];
  return { rate, errorRatio, p50, p95, p99, bytes, denied, connections, seen, isStale, health: HEALTHS[health] };
}

/** Also where connections that were opened before carry bytes. */
export const isActive = ({ rate, denied, bytes }: Measured): boolean =>
  (rate ?? 0) > 0 || (denied ?? 0) > 0 || (bytes ?? 0) > 0;
export const isFailing = ({ errorRatio }: Measured): boolean => (errorRatio ?? 0) > 0;
export const isAttempted = ({ denied }: Measured): boolean => (denied ?? 0) > 0;

type Name = Exclude<keyof Measured, "isStale" | "health">;
const WORST: readonly Health[] = ["critical", "warning", "passing"];

function known(all: readonly Measured[], name: Name): number[] {
  return all.map((each) => each[name]).filter((value) => value !== null);
}

function total(all: readonly Measured[], name: Name): Reading {
  const values = known(all, name);
  return values.length ? values.reduce((sum, value) => sum + value, 0) : null;
}

function highest(all: readonly Measured[], name: Name): Reading {
  const values = known(all, name);
  return values.length ? Math.max(...values) : null;
}

/** Errors of all requests, so that a busy call weighs as much as it carries. */
function errorRatio(all: readonly Measured[]): Reading {
  let [errors, requests] = [0, 0];
  for (const each of all) {
    if (each.errorRatio === null || !each.rate) continue;
    errors += each.errorRatio * each.rate;
    requests += each.rate;
  }
  return requests ? errors / requests : null;
}

/** Several calls as one. No percentile follows from several: theirs is that of the slowest. */
export function together(all: readonly Measured[]): Measured {
  const [only] = all;
  if (only && all.length === 1) return only;
  if (!only) return UNKNOWN;
  return {
    rate: total(all, "rate"),
    errorRatio: errorRatio(all),
    p50: highest(all, "p50"),
    p95: highest(all, "p95"),
    p99: highest(all, "p99"),
    bytes: total(all, "bytes"),
    denied: total(all, "denied"),
    connections: total(all, "connections"),
    seen: highest(all, "seen"),
    isStale: all.every((each) => each.isStale),
    health: WORST.find((health) => all.some((each) => each.health === health)) ?? "unknown",
  };
}
