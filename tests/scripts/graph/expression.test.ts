import assert from "node:assert/strict";
import { test } from "node:test";
import { parsed } from "../../../static/src/ts/graph/expression";
import { suggestions } from "../../../static/src/ts/graph/suggestions";
import { readable } from "../../../static/src/ts/graph/visible";
import { MODEL } from "./cast";

function picked(text: string): string[] {
  const expression = parsed(text);
  assert.ok(expression);
  const vertices = [...MODEL.vertices.values()].filter((vertex) => expression.vertex(vertex, MODEL));
  const edges = [...MODEL.edges.values()].filter((edge) => expression.edge(edge, MODEL));
  return [
    ...vertices.map(({ service }) => service),
    ...edges.map(({ source, destination }) => `${source}>${destination}`),
  ];
}

const PICKS: [text: string, picks: string[]][] = [
  ["api", ["api"]],
  ['"a"', ["api"]],
  ["name = WEB", ["web"]],
  ["name != web", ["api", "db"]],
  ['name ~ "^(web|db)$"', ["web", "db"]],
  ["name !~ b$", ["api"]],
  ["health = critical", ["api"]],
  ["health == critical", ["api"]],
  ["group = shop and not health = critical", ["web"]],
  ["group = data or instances >= 3", ["api", "db"]],
  ["name = web or name = api and health = critical", ["web", "api"]],
  ["(name = web or name = api) and health = critical", ["api"]],
  ["NOT (name = web OR name = api)", ["db"]],
  ["tag = v1", ["db"]],
  ["tag != v1", ["web", "api"]],
  ["tag ~ lu", ["db"]],
  ["instances > 1", ["api"]],
  ["critical = 1", ["api"]],
  ["calls = 0", ["db"]],
  ["callers > 1", ["db"]],
  ["has_sidecar", ["web", "api", "db"]],
  ["not registered", []],
  ["registered = false", []],
  ["verdict = deny", ["web>db"]],
  ["verdict != allow", ["api>db", "web>db"]],
  ["not mtls", ["web>db"]],
  ["by_default and not declared", ["web>db"]],
  ["source = web and destination = api", ["web>api"]],
  ["source.group = shop and destination.group = data", ["api>db", "web>db"]],
  ["destination.health = critical", ["web>api"]],
  ["health = critical or verdict = deny", ["api", "web>db"]],
  ["not (health = critical or verdict = deny)", ["web", "db", "web>api", "api>db"]],
];

for (const [text, picks] of PICKS) {
  test(`${text} picks ${picks.join(", ") || "nothing"}`, () => assert.deepEqual(picked(text), picks));
}

test("an empty text is no expression", () => assert.equal(parsed("  "), null));

const PROBLEMS: [text: string, problem: string][] = [
  ["health =", "after = a value is missing"],
  ["health = ill", "health is one of passing, warning, critical, unknown"],
  ["health", "health is to be compared: health = …"],
  ["colour = red", "there is nothing called colour to ask for"],
  ["source.colour = red", "there is nothing called source.colour to ask for"],
  ["instances = many", "instances is a number, many is none"],
  ["instances ~ 1", "instances is a number: compare it with = != < > <= or >="],
  ["name > web", "name cannot be compared with >: use = != ~ or !~"],
  ["mtls = maybe", "mtls is true or false"],
  ["name ~ [", "[ is not a regular expression"],
  ["(name = web", "a ) is missing"],
  ["name = web)", "before ) an and, or or an operator is missing"],
  ["web api", "before api an and, or or an operator is missing"],
  ["web and", "something to ask for is missing"],
  ['"web', 'the closing " is missing'],
  [
    "health = critical and verdict = deny",
    "one side of and is about services, the other about calls: join them with or, or ask source.… and destination.…",
  ],
];

for (const [text, problem] of PROBLEMS) {
  test(`${text} is refused: ${problem}`, () =>
    assert.deepEqual(readable(text), { expression: null, problem }));
}

const OFFERS: [text: string, offers: string[]][] = [
  ["hea", ["health"]],
  ["health ", ["=", "!=", "~", "!~"]],
  ["health = ", ["passing", "warning", "critical", "unknown"]],
  ["health = cri", ["critical"]],
  ["health = critical ", ["and", "or"]],
  ["group = ", ["data", "shop"]],
  ["source.group = s", ["shop"]],
  ["mtls ", ["and", "or"]],
  ["name = web and not ins", ["instances"]],
  ['name = "we', []],
];

for (const [text, offers] of OFFERS) {
  test(`after ${JSON.stringify(text)} may come ${offers.join(", ") || "anything"}`, () =>
    assert.deepEqual(
      suggestions(text, text.length, MODEL).map((offer) => offer.text),
      offers,
    ));
}

test("what is taken replaces the word at the cursor alone", () =>
  assert.deepEqual(suggestions("grou = shop", 4, MODEL)[0], {
    text: "group",
    says: "the box it is in",
    start: 0,
    end: 4,
  }));
