// The words of a find or hide expression, each with its place in the text.

export interface Token {
  kind: "word" | "string" | "operator" | "open" | "close";
  text: string;
  start: number;
  end: number;
}

export class ExpressionError extends Error {}

const TOKEN =
  /\s*(?:(?<string>"[^"]*"?)|(?<operator>!=|!~|<=|>=|==|[=~<>])|(?<open>\()|(?<close>\))|(?<word>[^\s"()=~<>!]+))/uy;

export function tokens(text: string): Token[] {
  const found: Token[] = [];
  const pattern = new RegExp(TOKEN);
  const end = text.trimEnd().length;
  while (pattern.lastIndex < end) {
    const from = pattern.lastIndex;
    const match = pattern.exec(text);
    if (!match?.groups) throw new ExpressionError(`${text.slice(from).trim()[0]} means nothing here`);
    const [kind, written] = Object.entries(match.groups).find(([, part]) => part !== undefined) as [
      Token["kind"],
      string,
    ];
    if (kind === "string" && (written.length < 2 || !written.endsWith('"'))) {
      throw new ExpressionError('the closing " is missing');
    }
    const shown = kind === "string" ? written.slice(1, -1) : written === "==" ? "=" : written;
    found.push({ kind, text: shown, start: pattern.lastIndex - written.length, end: pattern.lastIndex });
  }
  return found;
}
