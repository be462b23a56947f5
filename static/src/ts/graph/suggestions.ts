// What may be typed next in a find or hide field.
import { EDGE_FIELDS, endField, type Field, VERTEX_FIELDS } from "./fields";
import type { Model } from "./model";
import { tokens, type Token } from "./tokens";

export interface Suggestion {
  text: string;
  says: string;
  /** Replaces this part of the text. */
  start: number;
  end: number;
}

const OPERATORS: Record<Field<never>["type"], [string, string][]> = {
  text: [
    ["=", "is"],
    ["!=", "is not"],
    ["~", "contains, or matches"],
    ["!~", "does not match"],
  ],
  list: [
    ["=", "has"],
    ["!=", "has not"],
    ["~", "has one that matches"],
  ],
  number: [
    ["=", "is"],
    [">", "more than"],
    ["<", "fewer than"],
    [">=", "at least"],
    ["<=", "at most"],
  ],
  boolean: [
    ["and", "and also"],
    ["or", "or else"],
  ],
};
const JOINS: [string, string][] = [
  ["and", "and also"],
  ["or", "or else"],
];
const AT_MOST = 9;

/** An operator, or a word without a character that means something by itself. */
const isPlain = (offer: string): boolean => /^([=!~<>]+|[^\s"()=~<>!]+)$/u.test(offer);

function field(name: string): Field<never> | undefined {
  return VERTEX_FIELDS[name] ?? EDGE_FIELDS[name] ?? endField(name)?.field;
}

function openers(model: Model): [string, string][] {
  const fields = Object.entries({ ...VERTEX_FIELDS, ...EDGE_FIELDS }).map(
    ([name, { says }]): [string, string] => [name, says],
  );
  const names = [...model.vertices.keys()].sort().map((name): [string, string] => [name, "service"]);
  return [...fields, ["not", "the contrary"], ...names];
}

function values(name: string, model: Model): [string, string][] {
  const asked = field(name);
  if (!asked) return [];
  if (asked.values) return asked.values.map((value) => [value, ""]);
  const last = name.split(".").at(-1);
  const vertices = [...model.vertices.values()];
  const found =
    last === "group"
      ? vertices.map((vertex) => vertex.group)
      : last === "tag"
        ? vertices.flatMap((vertex) => vertex.tags)
        : last === "name" || last === "source" || last === "destination"
          ? [...model.vertices.keys()]
          : [];
  return [...new Set(found)]
    .filter(Boolean)
    .sort()
    .map((value) => [value, ""]);
}

function expected(before: Token[], model: Model): [string, string][] {
  const last = before.at(-1);
  if (!last || last.kind === "open" || (last.kind === "word" && ["and", "or", "not"].includes(last.text))) {
    return openers(model);
  }
  if (last.kind === "operator") return values(before.at(-2)?.text ?? "", model);
  const isValue = before.at(-2)?.kind === "operator";
  const asked = isValue ? undefined : field(last.text);
  return asked ? OPERATORS[asked.type] : JOINS;
}

/** At most nine ways to go on at the cursor; none inside an unfinished string. */
export function suggestions(text: string, cursor: number, model: Model): Suggestion[] {
  let before: Token[];
  try {
    before = tokens(text.slice(0, cursor));
  } catch {
    return [];
  }
  const last = before.at(-1);
  const isTyping =
    last !== undefined && last.end === cursor && (last.kind === "word" || last.kind === "operator");
  const typed = isTyping ? last.text.toLowerCase() : "";
  const start = isTyping ? last.start : cursor;
  const offered = expected(isTyping ? before.slice(0, -1) : before, model).filter(
    ([offer]) => offer.toLowerCase().includes(typed) && offer.toLowerCase() !== typed,
  );
  const first = offered.filter(([offer]) => offer.toLowerCase().startsWith(typed));
  const rest = offered.filter(([offer]) => !offer.toLowerCase().startsWith(typed));
  return [...first, ...rest]
    .slice(0, AT_MOST)
    .map(([offer, says]) => ({ text: isPlain(offer) ? offer : `"${offer}"`, says, start, end: cursor }));
}
