// The picture as a file.
import { dot } from "./dot";
import type { Palette } from "./palette";
import type { Stage } from "./stage";
import type { State } from "./state";
import { svg } from "./svg";

export type Format = "png" | "svg" | "json" | "dot";

function save(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

const text = (content: string, type: string): Blob => new Blob([content], { type });

/** What is visible, as the server writes it. */
export function json({ model, visible }: State): string {
  const groups = [...new Set(visible.vertices.map(({ group }) => group))].sort();
  const { index, defaultVerdict } = model;
  const { vertices, edges } = visible;
  return JSON.stringify(
    { index, default_verdict: defaultVerdict, groups, vertices, edges, hidden: model.hidden },
    null,
    2,
  );
}

export function saveAs(format: Format, state: State, palette: Palette, stage: Stage | null): void {
  const name = `mesh-${state.model.index}.${format}`;
  if (format === "svg") save(text(svg(state.scene, palette), "image/svg+xml"), name);
  else if (format === "json") save(text(json(state), "application/json"), name);
  else if (format === "dot") save(text(dot(state.visible), "text/vnd.graphviz"), name);
  else stage?.image().toBlob((image) => image && save(image, name), "image/png");
}
