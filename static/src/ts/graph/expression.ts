// Find and hide expressions: `health = critical or (group = shop and not has_sidecar)`.
// A question about services picks services, one about calls picks calls; `or` may join both.
import { EDGE_FIELDS, endField, type Field, TRAFFIC_FIELDS, type Value, VERTEX_FIELDS } from "./fields";
import type { Model } from "./model";
import { ExpressionError, type Token, tokens } from "./tokens";
import type { Edge, Vertex } from "./types";

export { ExpressionError };

/** Answers null where the question does not concern the subject: `verdict = deny` of a service. */
type Test<Subject> = (subject: Subject, model: Model) => boolean | null;

export interface Expression {
  vertex: Test<Vertex>;
  edge: Test<Edge>;
  isAboutVertices: boolean;
  isAboutEdges: boolean;
}

type Comparison = (value: Value) => boolean;

const NOT_CONCERNED = (): null => null;
const COMPARISONS: Record<string, (left: number, right: number) => boolean> = {
  "<": (left, right) => left < right,
  ">": (left, right) => left > right,
  "<=": (left, right) => left <= right,
  ">=": (left, right) => left >= right,
  "=": (left, right) => left === right,
  "!=": (left, right) => left !== right,
};

function pattern(text: string): RegExp {
  try {
    return new RegExp(text, "iu");
  } catch {
    throw new ExpressionError(`${text} is not a regular expression`);
  }
}

function textTest(operator: string, wanted: string): (text: string) => boolean {
  if (operator === "~" || operator === "!~") {
    const looksLike = pattern(wanted);
    return operator === "~" ? (text) => looksLike.test(text) : (text) => !looksLike.test(text);
  }
  const lower = wanted.toLowerCase();
  return operator === "=" ? (text) => text.toLowerCase() === lower : (text) => text.toLowerCase() !== lower;
}

function numberTest(name: string, unit: string, operator: string, wanted: string): Comparison {
  const compare = COMPARISONS[operator];
  const number = Number(unit && wanted.endsWith(unit) ? wanted.slice(0, -unit.length) : wanted);
  if (!compare) throw new ExpressionError(`${name} is a number: compare it with = != < > <= or >=`);
  if (Number.isNaN(number)) throw new ExpressionError(`${name} is a number, ${wanted} is none`);
  return (value) => compare(value as number, number);
}

function comparison(name: string, field: Pick<Field<never>, "type" | "values" | "unit">, operator: string, wanted: string): Comparison {
  if (field.type === "number") return numberTest(name, field.unit ?? "", operator, wanted);
  if (!["=", "!=", "~", "!~"].includes(operator)) {
    throw new ExpressionError(`${name} cannot be compared with ${operator}: use = != ~ or !~`);
  }
  if (field.type === "boolean") {
    if (wanted !== "true" && wanted !== "false") throw new ExpressionError(`${name} is true or false`);
    return (value) => (value === (wanted === "true")) === (operator === "=");
  }
  if (field.values && !operator.endsWith("~") && !field.values.includes(wanted.toLowerCase())) {
    throw new ExpressionError(`${name} is one of ${field.values.join(", ")}`);
  }
  if (field.type === "text") {
    const test = textTest(operator, wanted);
    return (value) => test(value as string);
  }
  const test = textTest(operator.replace("!", ""), wanted);
  const isNegated = operator.startsWith("!");
  return (value) => (value as readonly string[]).some(test) !== isNegated;
}

const aboutVertices = (test: Test<Vertex>): Expression => ({
  vertex: test,
  edge: NOT_CONCERNED,
  isAboutVertices: true,
  isAboutEdges: false,
});

const aboutEdges = (test: Test<Edge>): Expression => ({
  vertex: NOT_CONCERNED,
  edge: test,
  isAboutVertices: false,
  isAboutEdges: true,
});

function test<Subject>(name: string, field: Field<Subject>, operator: string, wanted: string): Test<Subject> {
  const compare = comparison(name, field, operator, wanted);
  return (subject, model) => compare(field.of(subject, model));
}

function asked(name: string, operator: string, wanted: string): Expression {
  const [ofVertex, ofEdge] = [VERTEX_FIELDS[name], EDGE_FIELDS[name]];
  const found = [
    ...(ofVertex ? [aboutVertices(test(name, ofVertex, operator, wanted))] : []),
    ...(ofEdge ? [aboutEdges(test(name, ofEdge, operator, wanted))] : []),
  ];
  const [one, other] = found;
  if (one) return other ? or(one, other) : one;
  const ended = endField(name);
  if (!ended) throw new ExpressionError(`there is nothing called ${name} to ask for`);
  const compare = comparison(name, ended.field, operator, wanted);
  return aboutEdges((edge, model) => {
    const vertex = model.vertices.get(edge[ended.end]);
    return vertex !== undefined && compare(ended.field.of(vertex, model));
  });
}

function alone(token: Token): Expression {
  const field = VERTEX_FIELDS[token.text] ?? EDGE_FIELDS[token.text] ?? endField(token.text)?.field;
  if (token.kind === "word" && field?.type === "boolean") return asked(token.text, "=", "true");
  if (token.kind === "word" && field)
    throw new ExpressionError(`${token.text} is to be compared: ${token.text} = …`);
  const part = token.text.toLowerCase();
  return aboutVertices((vertex) => vertex.service.toLowerCase().includes(part));
}

function both<Subject>(left: Test<Subject>, right: Test<Subject>): Test<Subject> {
  return (subject, model) => {
    const first = left(subject, model);
    return first ? right(subject, model) : first;
  };
}

function either<Subject>(left: Test<Subject>, right: Test<Subject>): Test<Subject> {
  return (subject, model) => left(subject, model) || (right(subject, model) ?? left(subject, model));
}

function negated<Subject>(test: Test<Subject>): Test<Subject> {
  return (subject, model) => {
    const answer = test(subject, model);
    return answer === null ? null : !answer;
  };
}

function and(left: Expression, right: Expression): Expression {
  const isAboutVertices = left.isAboutVertices && right.isAboutVertices;
  const isAboutEdges = left.isAboutEdges && right.isAboutEdges;
  if (!isAboutVertices && !isAboutEdges) {
    throw new ExpressionError(
      "one side of and is about services, the other about calls: join them with or, or ask source.… and destination.…",
    );
  }
  return {
    vertex: isAboutVertices ? both(left.vertex, right.vertex) : NOT_CONCERNED,
    edge: isAboutEdges ? both(left.edge, right.edge) : NOT_CONCERNED,
    isAboutVertices,
    isAboutEdges,
  };
}

const or = (left: Expression, right: Expression): Expression => ({
  vertex: either(left.vertex, right.vertex),
  edge: either(left.edge, right.edge),
  isAboutVertices: left.isAboutVertices || right.isAboutVertices,
  isAboutEdges: left.isAboutEdges || right.isAboutEdges,
});

const not = (inner: Expression): Expression => ({
  ...inner,
  vertex: negated(inner.vertex),
  edge: negated(inner.edge),
});

/** Reads tokens from the left; each rule takes what is its own and leaves the rest. */
class Reader {
  private at = 0;

  constructor(private readonly all: Token[]) {}

  whole(): Expression {
    const expression = this.anyOf();
    const rest = this.all[this.at];
    if (rest) throw new ExpressionError(`before ${rest.text} an and, or or an operator is missing`);
    return expression;
  }

  private takes(kind: Token["kind"], text?: string): Token | null {
    const token = this.all[this.at];
    if (!token || token.kind !== kind || (text !== undefined && token.text.toLowerCase() !== text))
      return null;
    this.at++;
    return token;
  }

  private anyOf(): Expression {
    let expression = this.allOf();
    while (this.takes("word", "or")) expression = or(expression, this.allOf());
    return expression;
  }

  private allOf(): Expression {
    let expression = this.one();
    while (this.takes("word", "and")) expression = and(expression, this.one());
    return expression;
  }

  private one(): Expression {
    if (this.takes("word", "not")) return not(this.one());
    if (this.takes("open")) {
      const inner = this.anyOf();
      if (!this.takes("close")) throw new ExpressionError("a ) is missing");
      return inner;
    }
    const subject = this.takes("word") ?? this.takes("string");
    if (!subject) throw new ExpressionError("something to ask for is missing");
    const operator = this.takes("operator");
    if (!operator) return alone(subject);
    const wanted = this.takes("string") ?? this.takes("word");
    if (!wanted) throw new ExpressionError(`after ${operator.text} a value is missing`);
    return asked(subject.text, operator.text, wanted.text);
  }
}

/** Whether the answer may change while the mesh does not. */
export function asksOfTraffic(text: string): boolean {
  try {
    return tokens(text).some(({ kind, text: word }) =>
      kind === "word" && TRAFFIC_FIELDS.has(word.split(".").at(-1) ?? ""),
    );
  } catch {
    return false; // nothing is asked by what cannot be read
  }
}

/** The expression that a text stands for; null for an empty text. */
export function parsed(text: string): Expression | null {
  const all = tokens(text);
  return all.length ? new Reader(all).whole() : null;
}
