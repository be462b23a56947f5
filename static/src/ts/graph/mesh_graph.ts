// <mesh-graph src="path of the graph" panel="path of the panel">: the mesh as a picture, and in words.
import { element, origin, pageChanged } from "../dom";
import { shown } from "../navigate";
import { toLogin } from "../requests";
import { Commands } from "./commands";
import { Legend } from "./legend";
import { difference, type Model, modelOf } from "./model";
import { News } from "./news";
import { Outline } from "./outline";
import { palette } from "./palette";
import { Picture } from "./picture";
import { type State, Store } from "./state";
import { Toolbar, zoomButtons } from "./toolbar";
import { tellPanel } from "./traffic/panel";
import { heard, type TrafficNews, wilted } from "./traffic/traffic";
import type { Delta, MeshGraph } from "./types";
import { read, type View, written } from "./view";

const URL_AFTER_MS = 250;
const WORDS_AFTER_MS = 300;
const HEARD_AFTER_MS = 40;
/** So long after the connection was lost numbers are of then, and no longer of now. */
const WILTS_AFTER_MS = 10_000;

/** The whole graph where the server does not know what this tab has, else what changed. */
export type LiveGraph = MeshGraph | (Delta & { index: number });

const isWhole = (graph: LiveGraph): graph is MeshGraph => "groups" in graph;

function canDraw(): boolean {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("webgl2") ?? canvas.getContext("webgl");
  // A page may hold few of them, and this one was only to see.
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return context !== null;
}

export class MeshGraphElement extends HTMLElement {
  private picture: Picture | null = null;
  private readonly news = new News();
  private ended = new AbortController();
  private readonly timers: Record<"url" | "words" | "hearing" | "wilting", number> = {
    url: 0,
    words: 0,
    hearing: 0,
    wilting: 0,
  };

  connectedCallback(): void {
    this.ended = new AbortController();
    void this.begin();
  }

  private async begin(): Promise<void> {
    const { signal } = this.ended;
    const waiting = element("p", { class: "graph-nothing graph-card", role: "status" }, "Drawing the mesh…");
    this.replaceChildren(waiting);
    const fetching = this.fetched();
    // Meanwhile: where there is no GPU, the first context takes as long as the graph.
    const isDrawn = canDraw();
    const first = await fetching;
    if (signal.aborted) return;
    if (!first) {
      const again = element("button", { type: "button", class: "button small" }, "Try again");
      again.addEventListener("click", () => void this.begin());
      waiting.replaceChildren("The graph could not be fetched. ", again);
      return;
    }
    const store = new Store(modelOf(first), read(new URLSearchParams(location.search)));
    const commands = new Commands(
      store,
      this.getAttribute("panel") ?? "",
      () => this.picture?.palette() ?? palette(this),
    );
    this.replaceChildren();
    this.build(store, commands, { isDrawn });
    this.listen(store, commands);
    void this.catchUp(store);
    follow("");
    const { selection } = store.now().view;
    if (selection && !location.hash) commands.choose(selection);
  }

  disconnectedCallback(): void {
    this.ended.abort();
    shown.traffic = null;
    this.news.stop();
    Object.values(this.timers).forEach(clearTimeout);
    this.picture?.kill();
    this.picture = null;
  }

  /** What was told before anything listened is in the next answer. */
  private async catchUp(store: Store): Promise<void> {
    if (shown.index <= store.now().model.index) return;
    const whole = await this.fetched();
    if (whole && !this.ended.signal.aborted) this.learn(store, whole);
  }

  private async fetched(): Promise<MeshGraph | null> {
    try {
      const answer = await fetch(this.getAttribute("src") ?? "", { signal: this.ended.signal });
      if (answer.redirected) toLogin();
      else if (answer.ok) return (await answer.json()) as MeshGraph;
    } catch {
      // Offline, which the footer says, or gone before it came.
    }
    return null;
  }

  private build(store: Store, commands: Commands, { isDrawn }: { isDrawn: boolean }): void {
    const toolbar = new Toolbar(store, commands);
    const legend = new Legend((entry) => store.look({ off: toggled(store.now().view.off, entry) }));
    const outline = new Outline((selection) => commands.choose(selection));
    const corner = element("div", { class: "graph-corner" }, zoomButtons(commands));
    const nothing = element("p", { class: "graph-nothing graph-card" });
    this.append(toolbar.element, legend.element, corner, nothing, outline.element);
    const learn = (state: State) => {
      toolbar.learn(state);
      legend.learn(state);
      this.arrange(state, nothing);
      clearTimeout(this.timers.words);
      this.timers.words = window.setTimeout(() => outline.learn(store.now()), WORDS_AFTER_MS);
    };
    // Before the picture, which fits into what these leave free.
    learn(store.now());
    if (isDrawn) this.draw(store, commands, corner);
    else this.dataset["drawn"] = "no";
    store.follow((state, before) => {
      if (!isSameMesh(state.model, before.model) || state.view !== before.view) learn(state);
      else if (state.model !== before.model) {
        // In a frame of their own: the picture comes first.
        clearTimeout(this.timers.hearing);
        this.timers.hearing = window.setTimeout(() => {
          toolbar.learn(store.now());
          legend.hear(store.now());
          outline.hear(store.now());
        }, HEARD_AFTER_MS);
      }
    });
  }

  private draw(store: Store, commands: Commands, corner: HTMLElement): void {
    const picture = new Picture(
      this,
      store,
      {
        select: (hit) => commands.select(hit),
        open: (hit, at) => commands.enter(hit, at),
        place: (service, at) => commands.place(service, at),
        panelWidth: () => commands.panelWidth(),
      },
      {
        open: (vertex) => commands.openVertex(vertex),
        openEdge: (key) => {
          const edge = store.now().scene.edges.get(key);
          if (edge) commands.openEdge(edge);
        },
        fit: () => commands.fit(),
        back: () => commands.back(),
      },
    );
    // The GPU was reset, or other pages took what there is of it.
    const restart = (): void => {
      this.disconnectedCallback();
      this.connectedCallback();
    };
    const { signal } = this.ended;
    picture.canvas.addEventListener("webglcontextlost", restart, { capture: true, once: true, signal });
    corner.prepend(picture.minimap.element);
    this.picture = commands.picture = picture;
    store.follow((state, before) => {
      const isRefocused = state.view.focus !== before.view.focus || state.view.hops !== before.view.hops;
      if (isRefocused) commands.fit();
    });
  }

  private arrange({ model, view, visible }: State, nothing: HTMLElement): void {
    this.toggleAttribute("data-legend", view.hasLegend);
    this.toggleAttribute("data-minimap", view.hasMinimap);
    this.toggleAttribute("data-outline", view.hasOutline);
    this.toggleAttribute("data-empty", model.vertices.size === 0);
    nothing.hidden = visible.vertices.length > 0 || model.vertices.size === 0;
    nothing.textContent = "Everything is left out of the picture: clear what hides it, or the focus.";
  }

  private listen(store: Store, commands: Commands): void {
    const { signal } = this.ended;
    const on = (name: string, act: (event: Event) => void) =>
      document.addEventListener(name, act, { signal });
    on("tulle:graph", (event) => this.learn(store, (event as CustomEvent<LiveGraph>).detail));
    on("tulle:traffic", (event) => this.hear(store, (event as CustomEvent<TrafficNews>).detail));
    on("tulle:lost", () => {
      clearTimeout(this.timers.wilting);
      this.timers.wilting = window.setTimeout(() => this.wilt(store), WILTS_AFTER_MS);
    });
    on("tulle:display", () => this.picture?.repaint());
    on("click", (event) => {
      const service = origin(event, "[data-graph-focus]")?.dataset["graphFocus"];
      if (service !== undefined) commands.focus(service);
    });
    on("visibilitychange", () => {
      if (!document.hidden) this.picture?.resume();
    });
    this.followPanel(store);
    document.fonts.addEventListener("loadingdone", () => this.picture?.repaint(), { signal });
    store.follow((state, before) => {
      if (state.view !== before.view) this.keepInUrl(store);
    });
    this.picture?.stage.renderer.getCamera().on("updated", () => this.keepInUrl(store));
  }

  /** What closes the panel, be it a key or its button, also ends the selection. */
  private followPanel(store: Store): void {
    const panel = document.getElementById("panel");
    if (!panel) return;
    const closed = new MutationObserver(() => {
      if (!panel.hasAttribute("data-open") && store.now().view.selection) store.look({ selection: null });
    });
    closed.observe(panel, { attributeFilter: ["data-open"] });
    const filled = new MutationObserver(() => tellPanel(panel, store.now().model));
    filled.observe(panel, { childList: true, subtree: true });
    tellPanel(panel, store.now().model);
    this.ended.signal.addEventListener("abort", () => {
      closed.disconnect();
      filled.disconnect();
    });
  }

  private learn(store: Store, graph: LiveGraph): void {
    if (graph.index < store.now().model.index) return;
    const delta = isWhole(graph) ? difference(store.now().model, graph) : graph;
    const noticed = store.learn(graph.index, delta);
    this.news.learn(noticed, () => store.now().model);
    pageChanged();
  }

  private wilt(store: Store): void {
    shown.traffic = "";
    store.hear(wilted(store.now().model.traffic));
  }

  private hear(store: Store, news: TrafficNews): void {
    const traffic = heard(store.now().model.traffic, news);
    if (!traffic) {
      follow("");
      return;
    }
    clearTimeout(this.timers.wilting);
    shown.traffic = traffic.version;
    const isFirst = store.now().model.traffic.version === "";
    const noticed = store.hear(traffic);
    // What was so before anybody looked is no news.
    if (isFirst) this.picture?.refit();
    else this.news.learn(noticed, () => store.now().model);
    const panel = document.getElementById("panel");
    if (panel) tellPanel(panel, store.now().model);
  }

  private keepInUrl(store: Store): void {
    clearTimeout(this.timers.url);
    this.timers.url = window.setTimeout(() => {
      const view: View = { ...store.now().view, camera: this.picture?.stage.lens.camera() ?? null };
      const query = written(view, new URLSearchParams(location.search)).toString();
      history.replaceState(history.state, "", location.pathname + (query ? `?${query}` : "") + location.hash);
    }, URL_AFTER_MS);
  }
}

const isSameMesh = (one: Model, other: Model): boolean =>
  one.vertices === other.vertices && one.edges === other.edges;

/** Has the server tell what passes, from this version on. */
function follow(version: string): void {
  shown.traffic = version;
  document.dispatchEvent(new Event("tulle:watch"));
}

function toggled(off: ReadonlySet<string>, entry: string): Set<string> {
  const next = new Set(off);
  if (!next.delete(entry)) next.add(entry);
  return next;
}
