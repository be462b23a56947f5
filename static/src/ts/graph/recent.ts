// What came or turned a moment ago, as the scene draws it: a change of a call between two collapsed groups shows on
// the one edge that stands for it.
import type { Model, Noticed } from "./model";
import type { Times } from "./looking";
import { type Scene, sceneEdgeKey, shownAs } from "./scene";

/** Longer than the longest animation. */
const REMEMBERED_S = 3;

export class Recent implements Times {
  readonly born = new Map<string, number>();
  readonly turned = new Map<string, number>();

  /** Returns whether there is anything to animate. */
  learn(noticed: Noticed, scene: Scene, model: Model, now: number): boolean {
    for (const times of [this.born, this.turned]) {
      for (const [key, time] of times) if (now - time > REMEMBERED_S) times.delete(key);
    }
    const edgeAt = (key: string): string => {
      const [source = "", destination = ""] = key.split("\n");
      return sceneEdgeKey(
        shownAs(scene, model, source)?.key ?? "",
        shownAs(scene, model, destination)?.key ?? "",
      );
    };
    for (const service of noticed.newVertices) if (scene.vertices.has(service)) this.born.set(service, now);
    for (const key of noticed.newEdges) this.born.set(edgeAt(key), now);
    for (const key of noticed.turnedEdges) this.turned.set(edgeAt(key), now);
    for (const service of noticed.turnedVertices) {
      const shown = shownAs(scene, model, service);
      if (shown) this.turned.set(shown.key, now);
    }
    return Object.values(noticed).some((keys: string[]) => keys.length > 0);
  }
}
