// <details class="menu">: one is open at a time, its list stays inside the window and outside of
// what would clip it, arrow keys walk it, Escape and a click elsewhere close it.
import { onPage, origin } from "./dom";

const GAP = 4;
const MARGIN = 8;

function opened(): HTMLDetailsElement | null {
  return document.querySelector<HTMLDetailsElement>("details.menu[open]");
}

function place(menu: HTMLDetailsElement): void {
  const list = menu.querySelector<HTMLElement>(".menu-list");
  const button = menu.querySelector("summary");
  if (!list || !button) return;
  const at = button.getBoundingClientRect();
  list.style.position = "fixed";
  list.style.right = "auto";
  const { width, height } = list.getBoundingClientRect();
  const isBelow = at.bottom + GAP + height <= innerHeight - MARGIN || at.top < height;
  const left = menu.dataset["align"] === "start" ? at.left : at.right - width;
  list.style.top = `${Math.max(MARGIN, isBelow ? at.bottom + GAP : at.top - GAP - height)}px`;
  list.style.left = `${Math.min(Math.max(MARGIN, left), innerWidth - MARGIN - width)}px`;
}

export function closeMenus(): boolean {
  const menu = opened();
  if (!menu) return false;
  const hadFocus = menu.contains(document.activeElement);
  menu.open = false;
  if (hadFocus) menu.querySelector("summary")?.focus();
  return true;
}

function items(menu: HTMLElement): HTMLElement[] {
  const selector = ".menu-list :is(a[href], button:not(:disabled), input, select)";
  return [...menu.querySelectorAll<HTMLElement>(selector)];
}

function walk(event: KeyboardEvent): void {
  const menu = opened();
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!menu || !step || !menu.contains(document.activeElement)) return;
  const active = document.activeElement;
  if (active instanceof HTMLInputElement && active.type === "radio") return;
  const all = items(menu);
  const at = active instanceof HTMLElement ? all.indexOf(active) : -1;
  event.preventDefault();
  all.at(at < 0 && step < 0 ? -1 : (at + step) % all.length)?.focus();
}

export function installMenus(): void {
  document.addEventListener(
    "toggle",
    (event) => {
      const menu = origin(event, "details.menu");
      if (!(menu instanceof HTMLDetailsElement) || !menu.open || event.target !== menu) return;
      for (const other of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) {
        if (other !== menu && !other.contains(menu)) other.open = false;
      }
      place(menu);
    },
    true,
  );
  document.addEventListener("click", (event) => {
    const menu = opened();
    if (!menu) return;
    const isInside = event.target instanceof Node && menu.contains(event.target);
    // What is chosen closes it, unless several are to be chosen.
    const isDone = origin(event, ".menu-item") !== null && !menu.hasAttribute("data-stays");
    if (!isInside || isDone) menu.open = false;
  });
  document.addEventListener("keydown", walk);
  const follow = () => {
    const menu = opened();
    if (menu) place(menu);
  };
  addEventListener("scroll", follow, { passive: true, capture: true });
  addEventListener("resize", follow);
  onPage(follow);
}
