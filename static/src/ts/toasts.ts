// What has just happened, in the corner: a sentence, the command that does the same, and undo.
import htmx from "htmx.org";

import { commandLine } from "./copy";
import { element, icon } from "./dom";

export interface Toast {
  text: string;
  kind: "done" | "error";
  command?: string;
  /** The number in the log of what can be undone. */
  undo?: number | null;
}

const LASTS_MS = { done: 6_000, undoable: 12_000, error: 20_000 };
const MOST = 4;

let undoLast: (() => void) | null = null;

export function toast(said: Toast): void {
  const region = document.getElementById("toasts");
  if (!region) return;
  const text = element("div", { class: "toast-text" }, said.text);
  const actions = element("div", { class: "toast-actions" });
  const box = element(
    "div",
    { class: "toast", "data-kind": said.kind },
    icon(said.kind === "error" ? "cross" : "done"),
    text,
    actions,
  );
  if (said.kind === "error") box.setAttribute("role", "alert");
  if (typeof said.undo === "number") actions.append(undoButton(said.undo, box));
  actions.append(closeButton(box));
  if (said.command) box.append(commandLine(said.command));
  region.append(box);
  while (region.children.length > MOST) region.firstElementChild?.remove();
  goLater(box, said);
}

function undoButton(index: number, box: HTMLElement): HTMLButtonElement {
  const button = element("button", { type: "button", class: "button small" }, icon("undo"), "Undo");
  const undo = () => {
    box.remove();
    undoLast = null;
    void htmx.ajax("post", "/ui/do/undo", {
      source: document.body,
      swap: "none",
      values: { index: String(index) },
    });
  };
  button.addEventListener("click", undo);
  undoLast = undo;
  return button;
}

function closeButton(box: HTMLElement): HTMLButtonElement {
  const button = element(
    "button",
    { type: "button", class: "button quiet small icon-only", "aria-label": "Dismiss" },
    icon("close"),
  );
  button.addEventListener("click", () => box.remove());
  return button;
}

/** It waits as long as somebody points at it or is inside it. */
function goLater(box: HTMLElement, said: Toast): void {
  const lasts_ms =
    said.kind === "error"
      ? LASTS_MS.error
      : typeof said.undo === "number"
        ? LASTS_MS.undoable
        : LASTS_MS.done;
  const isHeld = () => box.matches(":hover, :focus-within");
  const leave = () => {
    if (isHeld()) setTimeout(leave, 1_000);
    else box.remove();
  };
  setTimeout(leave, lasts_ms);
}

/** Undo what the newest toast offers to undo, if it is still there. */
export function undo(): void {
  if (document.querySelector("#toasts .toast")) undoLast?.();
}

export function dismissNewest(): boolean {
  const newest = document.getElementById("toasts")?.lastElementChild;
  newest?.remove();
  return newest !== undefined && newest !== null;
}

function isToast(said: unknown): said is Toast {
  return typeof said === "object" && said !== null && "text" in said && "kind" in said;
}

/** What an answer says beside its content: HX-Trigger: {"toast": {...}}. */
export function toastOf(header: string | null): void {
  if (!header?.startsWith("{")) return;
  const { toast: said } = JSON.parse(header) as { toast?: unknown };
  if (isToast(said)) toast(said);
}
