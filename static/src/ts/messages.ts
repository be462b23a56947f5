// What the server says on the live socket. Pure.

export interface News {
  index: number;
  /** When that index came to be. */
  at: string;
  /** The place that it is about; what is said about another one comes too late. */
  watch?: string;
  version?: string;
  title?: string;
  /** Elements that changed, by their ids. */
  blocks?: Record<string, string>;
  /** All of <main>, where more than elements changed. */
  page?: string;
  graph?: unknown;
  /** What passes over the graph's edges, for a tab that asked for it. */
  traffic?: unknown;
}

export type Message = { end: string } | News;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === "string";
}

function areBlocks(value: unknown): value is Record<string, string> | undefined {
  return value === undefined || (isRecord(value) && Object.values(value).every((html) => typeof html === "string"));
}

/** Nothing where it is not one of ours. */
export function parse(text: string): Message | null {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(said)) return null;
  if (typeof said["end"] === "string") return { end: said["end"] };
  const { index, at, watch, version, title, blocks, page, graph, traffic } = said;
  if (typeof index !== "number" || typeof at !== "string") return null;
  if (!isText(watch) || !isText(version) || !isText(title) || !isText(page)) return null;
  if (!areBlocks(blocks)) return null;
  return {
    index,
    at,
    ...(watch !== undefined && { watch }),
    ...(version !== undefined && { version }),
    ...(title !== undefined && { title }),
    ...(blocks !== undefined && { blocks }),
    ...(page !== undefined && { page }),
    ...(graph !== undefined && { graph }),
    ...(traffic !== undefined && { traffic }),
  };
}

/** How long to wait before the n-th attempt to connect again: soon, then seldom, never in step. */
export function backoff_ms(attempt: number, random: number): number {
  const most = Math.min(10_000, 300 * 2 ** attempt);
  return most / 2 + (most / 2) * random;
}
