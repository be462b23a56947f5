// What a viewer can do, whichever way it was asked for: by pointer, by key, from a menu or from the outline.
import htmx from "htmx.org";

import { closePanel, openPanel } from "../panel";
import type { Hit } from "./hit";
import type { Palette } from "./palette";
import type { Picture } from "./picture";
import { type Format, saveAs } from "./saving";
import { boundsOf, type SceneEdge, type SceneVertex } from "./scene";
import { selectedKeys, type Store } from "./state";
import type { Point } from "./types";
import type { Selection } from "./view";

const PANEL_WIDTH = 420;
/** A group that is unfolded is shown at least so large, if it fits. */
const AROUND_BOX = 60;

/** Where the panel finds what it says about a selection, and the page that says all. */
function panelPath(panel: string, selection: Selection): [path: string, whole: string] {
  const { kind, ...names } = selection;
  const query = new URLSearchParams(names);
  const whole =
    kind === "service"
      ? `/ui/services/${encodeURIComponent(selection.service)}`
      : `/ui/intentions/explain?${query}`;
  return [`${panel}?${query}`, whole];
}

export class Commands {
  picture: Picture | null = null;

  constructor(
    private readonly store: Store,
    private readonly panel: string,
    private readonly palette: () => Palette,
  ) {}

  select(hit: Hit | null): void {
    if (!hit) this.clear();
    else if (hit.kind === "box") this.fold(hit.box.group);
    else if (hit.kind === "edge") this.openEdge(hit.edge);
    else this.openVertex(hit.vertex);
  }

  /** The second click: a service into focus; empty ground comes nearer. */
  enter(hit: Hit | null, at: Point): void {
    if (hit?.kind === "vertex" && hit.vertex.service) this.focus(hit.vertex.service.service);
    else if (!hit) this.picture?.stage.lens.zoom(1.7, at);
  }

  openVertex(vertex: SceneVertex): void {
    if (vertex.service) this.choose({ kind: "service", service: vertex.service.service });
    else this.fold(vertex.group);
  }

  openEdge(edge: SceneEdge): void {
    const [only] = edge.edges;
    if (edge.edges.length === 1 && only) {
      this.choose({ kind: "edge", source: only.source, destination: only.destination });
      return;
    }
    const { vertices } = this.store.now().scene;
    const end = (name: "source" | "destination"): [string, string] => {
      const vertex = vertices.get(edge[name])!;
      return vertex.service ? [name, vertex.service.service] : [`${name}_group`, vertex.group];
    };
    void openPanel(`${this.panel}?${new URLSearchParams([end("source"), end("destination")])}`);
  }

  choose(selection: Selection): void {
    this.store.look({ selection });
    const [path, whole] = panelPath(this.panel, selection);
    void openPanel(path, whole, this.picture?.canvas ?? null);
    const { scene } = this.store.now();
    const keys = [...selectedKeys(this.store.now())].flatMap((key) => {
      const edge = scene.edges.get(key);
      return edge ? [edge.source, edge.destination] : [key];
    });
    this.picture?.uncover(keys);
  }

  clear(): void {
    if (this.store.now().view.selection) this.store.look({ selection: null });
    closePanel();
  }

  fold(group: string): void {
    const { otherwise } = this.store.now().view;
    const next = new Set(otherwise);
    if (!next.delete(group)) next.add(group);
    this.store.look({ otherwise: next });
    const box = this.store.now().scene.boxes.find((each) => each.group === group);
    if (box && !box.isFolded)
      this.picture?.fit(
        boundsOf(
          [
            { x: box.left, y: box.top },
            { x: box.right, y: box.bottom },
          ],
          AROUND_BOX,
        ),
      );
  }

  focus(service: string): void {
    this.store.look({ focus: service });
  }

  fit(): void {
    this.picture?.fit(this.store.now().scene.bounds);
  }

  zoom(factor: number): void {
    this.picture?.stage.lens.zoom(factor);
  }

  showFound(): void {
    const { scene, visible } = this.store.now();
    if (!visible.found) return;
    const found = [...scene.vertices.values()].filter((vertex) => vertex.isFound);
    const ends = [...scene.edges.values()]
      .filter((edge) => edge.isFound)
      .flatMap(({ source, destination }) => [scene.vertices.get(source)!, scene.vertices.get(destination)!]);
    if (found.length + ends.length) this.picture?.fit(boundsOf([...found, ...ends], AROUND_BOX));
  }

  save(format: Format): void {
    saveAs(format, this.store.now(), this.palette(), this.picture?.stage ?? null);
  }

  /** One step back: out of the panel, the selection, the focus. */
  back(): boolean {
    const { view } = this.store.now();
    if (view.selection || this.panelWidth()) this.clear();
    else if (view.focus) this.store.look({ focus: "" });
    else return false;
    return true;
  }

  /** Keeps the place for everybody; the server's toast says so, and takes it back. */
  place(service: string, at: Point): void {
    const values = { service, x: Math.round(at.x), y: Math.round(at.y) };
    void htmx.ajax("post", "/ui/do/pin", { values, swap: "none", source: document.body });
  }

  panelWidth(): number {
    const isOpen = document.getElementById("panel")?.hasAttribute("data-open") ?? false;
    return isOpen || this.store.now().view.selection ? PANEL_WIDTH : 0;
  }
}
