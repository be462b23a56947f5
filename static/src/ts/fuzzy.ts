// Whether what was typed is in a label, in this order, and how well. Pure.

export interface Match {
  score: number;
  /** Where in the label the typed letters are. */
  at: number[];
}

const BORDER = /[\s\-_./→*]/;

function isStart(label: string, index: number): boolean {
  if (index === 0) return true;
  const before = label[index - 1] ?? "";
  const letter = label[index] ?? "";
  return BORDER.test(before) || (before === before.toLowerCase() && letter !== letter.toLowerCase());
}

function whole(query: string, label: string): Match | null {
  const start = label.indexOf(query);
  if (start < 0) return null;
  const at = [...query].map((_, offset) => start + offset);
  const bonus = start === 0 ? 40 : isStart(label, start) ? 25 : 10;
  return { score: 100 + bonus - label.length / 10, at };
}

function scattered(query: string, lower: string, label: string): Match | null {
  const at: number[] = [];
  let score = 0;
  let from = 0;
  for (const letter of query) {
    // The start of a word is meant rather than the next best letter.
    let index = lower.indexOf(letter, from);
    if (index < 0) return null;
    for (let next = index; next >= 0; next = lower.indexOf(letter, next + 1)) {
      if (next === from || isStart(label, next)) {
        index = next;
        break;
      }
    }
    score += index === from && at.length > 0 ? 6 : isStart(label, index) ? 8 : 1;
    at.push(index);
    from = index + 1;
  }
  return { score: score - label.length / 10, at };
}

export function match(query: string, label: string): Match | null {
  const wanted = query.trim().toLowerCase().replaceAll(" ", "");
  if (wanted === "") return { score: 0, at: [] };
  const lower = label.toLowerCase();
  return whole(query.trim().toLowerCase(), lower) ?? greedy(wanted, lower, label);
}

/** Jumping ahead to a word's start may leave too little behind it; then take what comes first. */
function greedy(query: string, lower: string, label: string): Match | null {
  const found = scattered(query, lower, label);
  if (found) return found;
  const at: number[] = [];
  let from = 0;
  for (const letter of query) {
    const index = lower.indexOf(letter, from);
    if (index < 0) return null;
    at.push(index);
    from = index + 1;
  }
  return { score: -label.length / 10, at };
}

export function ranked<Entry extends { label: string }>(
  query: string,
  entries: readonly Entry[],
): { entry: Entry; match: Match }[] {
  return entries
    .flatMap((entry) => {
      const found = match(query, entry.label);
      return found ? [{ entry, match: found }] : [];
    })
    .sort((a, b) => b.match.score - a.match.score);
}
