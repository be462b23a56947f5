// The keyboard map, as the dialog on `?` shows it.
import { find, isTyping, page } from "./dom";
import { closeMenus } from "./menus";
import { visit } from "./navigate";
import { openPalette } from "./palette";
import { closePanel } from "./panel";
import { dismissNewest, undo } from "./toasts";

const SECOND_KEY_MS = 1_200;

let isAfterG = false;
let forgetting = 0;

function filterPage(): void {
  const field = page()?.querySelector<HTMLInputElement>("[data-filter], .toolbar .search .input");
  if (!field) {
    openPalette();
    return;
  }
  field.focus();
  field.select();
}

function goTo(letter: string): boolean {
  const items = document.querySelectorAll<HTMLAnchorElement>("#rail a[data-letter]");
  const item = [...items].find((link) => link.dataset["letter"] === letter);
  if (item) visit(item.href);
  return item !== undefined;
}

function afterG(): void {
  isAfterG = true;
  clearTimeout(forgetting);
  forgetting = window.setTimeout(() => (isAfterG = false), SECOND_KEY_MS);
}

function escape(): void {
  const active = document.activeElement;
  if (closeMenus()) return;
  if (isTyping(active) && active instanceof HTMLElement && page()?.contains(active)) {
    active.blur();
    return;
  }
  if (!closePanel()) dismissNewest();
}

const KEYS: Record<string, () => void> = {
  "/": filterPage,
  "?": () => find("#keys", HTMLDialogElement)?.showModal(),
  g: afterG,
  u: undo,
};

function keydown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey) {
    event.preventDefault();
    openPalette();
    return;
  }
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "Escape") {
    escape();
    return;
  }
  if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isAfterG) {
    isAfterG = false;
    if (goTo(event.key)) event.preventDefault();
    return;
  }
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

export function installKeys(): void {
  document.addEventListener("keydown", keydown);
  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest("[data-palette-open]")) openPalette();
    if (target?.closest("[data-keys-open]")) find("#keys", HTMLDialogElement)?.showModal();
  });
  if (/Mac|iPhone|iPad/.test(navigator.platform)) {
    for (const key of document.querySelectorAll("[data-mod-key]")) key.textContent = "⌘ K";
  }
}
