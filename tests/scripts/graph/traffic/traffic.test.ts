import assert from "node:assert/strict";
import { test } from "node:test";
import { edgeKey } from "../../../../static/src/ts/graph/edge_key";
import { parsed } from "../../../../static/src/ts/graph/expression";
import { carrying } from "../../../../static/src/ts/graph/model";
import { Store } from "../../../../static/src/ts/graph/state";
import { ago, facts, inWords, label, milliseconds, rate, share } from "../../../../static/src/ts/graph/traffic/figures";
import { loadOf, step } from "../../../../static/src/ts/graph/traffic/loads";
import { type Measured, type Row, together, UNKNOWN } from "../../../../static/src/ts/graph/traffic/measured";
import { dots, speed, Streaming } from "../../../../static/src/ts/graph/traffic/stream";
import { heard, seenOf, SILENCE, type Traffic, type TrafficNews, wilted } from "../../../../static/src/ts/graph/traffic/traffic";
import { read, written } from "../../../../static/src/ts/graph/view";
import { API_DB, drawn, edge, looking, MODEL, seen, WEB_API, WEB_DB } from "../cast";

const NOW = 1_000;
const row = (rps: number | null, more: { errors?: number; denied?: number; health?: Row[10] } = {}): Row => [
  ...([rps, more.errors ?? 0, 4, 9, 20, 1200, more.denied ?? 0, 2, null] as const),
  0,
  more.health ?? 1,
];
const news = (more: Partial<TrafficNews> = {}): TrafficNews => ({
  version: "a.1",
  at: new Date(NOW * 1000).toISOString(),
  since: null,
  edges: [],
  vertices: [],
  observed: [],
  gone: [],
  gone_vertices: [],
  gone_observed: [],
  ...more,
});
const WITH_CALLS = news({
  edges: [
    ["web", "api", row(12, { errors: 0.5 })],
    ["web", "db", row(0, { denied: 3 })],
  ],
  vertices: [
    ["api", row(12)],
    ["db", row(0)],
  ],
});
const TRAFFIC = heard(SILENCE, WITH_CALLS, NOW) as Traffic;
const CARRYING = carrying(MODEL, TRAFFIC).model;
const measured = (more: Partial<Measured>): Measured => ({ ...UNKNOWN, ...more });

test("a message goes on from the version before it, and from no other", () => {
  const next = heard(TRAFFIC, news({ version: "a.2", since: "a.1", gone: [["web", "db"]] }));
  assert.deepEqual([...(next?.edges.keys() ?? [])], [edgeKey("web", "api")]);
  assert.equal(heard(TRAFFIC, news({ version: "a.3", since: "a.2" })), null);
});

test("what nobody tells of any more is stale, and all of it is asked for anew", () => {
  const left = wilted(TRAFFIC);
  assert.equal(left.version, "");
  assert.ok([...left.edges.values(), ...left.vertices.values()].every(({ isStale }) => isStale));
  assert.equal(heard(left, WITH_CALLS, NOW)?.edges.get(edgeKey("web", "api"))?.isStale, false);
});

test("a message from the start forgets what was before", () => {
  assert.equal(heard(TRAFFIC, news())?.edges.size, 0);
});

test("several calls add up; errors weigh by rate, and a percentile is that of the slowest", () => {
  const all = together([
    measured({ rate: 90, errorRatio: 0, p95: 5, bytes: 10, seen: 3, health: "passing" }),
    measured({ rate: 10, errorRatio: 0.5, p95: 80, denied: 2, seen: 9, isStale: true, health: "warning" }),
    measured({ rate: null }),
  ]);
  assert.deepEqual(
    [all.rate, all.errorRatio, all.p95, all.p50, all.bytes, all.denied, all.seen, all.isStale, all.health],
    [100, 0.05, 80, null, 10, 2, 9, false, "warning"],
  );
});

test("seen, silent and unwatched calls are told apart", () => {
  assert.deepEqual(
    [WEB_API, WEB_DB, API_DB, edge("db", "web")].map((each) => seenOf(each, TRAFFIC)),
    ["active", "active", "silent", "unwatched"],
  );
});

test("an edge between groups carries what its calls carry", () => {
  assert.equal(loadOf([WEB_API, API_DB], TRAFFIC).seen, "active");
  assert.equal(loadOf([WEB_API, API_DB], TRAFFIC).measured.rate, 12);
});

test("a call that is only seen is an edge as long as it is seen", () => {
  const observed = edge("db", "web", { declared: false, intention: null });
  const more = heard(TRAFFIC, news({ version: "a.2", since: "a.1", observed: [observed] })) as Traffic;
  const { model, noticed } = carrying(CARRYING, more);
  assert.equal(model.edges.get(edgeKey("db", "web")), observed);
  assert.deepEqual(noticed.newEdges, [edgeKey("db", "web")]);
  const less = heard(more, news({ version: "a.3", since: "a.2", gone_observed: [["db", "web"]] })) as Traffic;
  assert.equal(carrying(model, less).model.edges.size, MODEL.edges.size);
});

test("services are as healthy as their traffic is", () => {
  const sick = heard(TRAFFIC, news({ version: "a.2", since: "a.1", vertices: [["db", row(1, { health: 2 })]] }));
  const { model, noticed } = carrying(CARRYING, sick as Traffic);
  assert.equal(model.vertices.get("db")?.health, "warning");
  assert.deepEqual(noticed.turnedVertices, ["db"]);
});

const PICKS: [text: string, edges: string[]][] = [
  ["rate > 5", ["web api"]],
  ["errors > 1%", ["web api"]],
  ["p95 < 10ms", ["web api", "web db"]],
  ["denied > 0", ["web db"]],
  ["silent", ["api db"]],
  ["observed and not declared", ["web db"]],
  ["rate > 5 and verdict = allow", ["web api"]],
];
for (const [text, edges] of PICKS) {
  test(`${text} finds ${edges.join(", ")}`, () => {
    const expression = parsed(text);
    const found = [...CARRYING.edges.values()].filter((each) => expression?.edge(each, CARRYING));
    assert.deepEqual(
      found.map(({ source, destination }) => `${source} ${destination}`),
      edges,
    );
  });
}

test("a rate is asked of services as well as of calls", () => {
  const services = seen({ find: "rate > 5" }, CARRYING).found?.services;
  assert.deepEqual([...(services ?? [])], ["api"]);
});

test("the picture is another one only where what passes is asked for", () => {
  const store = new Store(MODEL, looking());
  const before = store.now().scene;
  store.hear(TRAFFIC);
  // api and db are as they were, so nothing is drawn anew.
  assert.equal(store.now().loads.size, before.edges.size);
  store.look({ hide: "silent" });
  assert.equal(store.now().scene.edges.size, before.edges.size - 1);
});

test("numbers have three figures and a unit", () => {
  assert.deepEqual(
    [rate(0), rate(12.345), rate(1234), share(0.0123), share(0.0001), milliseconds(0.5), milliseconds(1500)],
    ["0/s", "12.3/s", "1.23k/s", "1.23 %", "<0.1 %", "0.5 ms", "1.5 s"],
  );
});

test("a call of a moment ago was made now", () => {
  assert.deepEqual([ago(NOW - 3, NOW), ago(NOW - 33, NOW), ago(NOW - 300, NOW)], ["now", "35 s ago", "5 min ago"]);
});

test("what is chosen stands on an edge, and nothing where it is not known", () => {
  const some = measured({ rate: 12, p95: 9, denied: 0 });
  assert.deepEqual(
    (["none", "rps", "errors", "p95", "bytes"] as const).map((choice) => label(choice, some)),
    ["", "12/s", "", "9 ms", ""],
  );
  assert.equal(label("rps", measured({ rate: 0, denied: 3 })), "✕ 3/s");
});

test("facts name what is known", () => {
  assert.deepEqual(facts(measured({ rate: 2, p95: 9, denied: 0.5, seen: NOW, isStale: true }), NOW), [
    ["Requests", "2/s"],
    ["p50 · p95 · p99", "– · 9 ms · –"],
    ["Denied attempts", "0.5/s"],
    ["Last seen", "now"],
    ["Stale", "its proxies report no more"],
  ]);
});

test("words say what passes", () => {
  assert.equal(
    inWords(CARRYING.traffic.edges.get(edgeKey("web", "api")), NOW),
    "12 a second, 50 % errors, p95 9 ms",
  );
});

test("the choice of labels and of motion is kept in the URL", () => {
  const view = looking({ labels: "p95", isMoving: false });
  const query = written(view, new URLSearchParams());
  assert.equal(query.toString(), "labels=p95&motion=no");
  assert.deepEqual(read(query), view);
  assert.equal(read(new URLSearchParams("labels=nonsense")).labels, "rps");
});

test("ten times the rate is one step and two dots more; slower answers run slower", () => {
  assert.deepEqual([0.05, 0.5, 5, 50, 500, 5e6].map(step), [1, 1, 2, 3, 4, 5]);
  assert.deepEqual([0, 1, 10, 100].map((rps) => dots(rps, 240)), [0, 2, 4, 6]);
  assert.ok(speed(1) > speed(50) && speed(50) > speed(5000));
});

test("a dot stays where it is when its speed changes", () => {
  const scene = drawn();
  const streaming = new Streaming();
  const at = (latency: number, now: number) => {
    const load = { measured: measured({ rate: 10, p50: latency }), seen: "active" as const };
    const [key] = scene.edges.keys();
    const { values } = streaming.at(scene, new Map([[key!, load]]), now);
    return { turns: values[11]!, phase: values[12]! };
  };
  const before = at(10, 5);
  const after = at(500, 6);
  assert.ok(Math.abs(((before.phase + before.turns) % 1) - after.phase) < 1e-5);
  assert.ok(after.turns < before.turns);
});
