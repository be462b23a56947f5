// Rows by keyboard, rows that are chosen for something to be done with all of them, more rows as
// one scrolls, and tables that are wider than their place.
import { announce, isTyping, onPage, origin } from "./dom";

const ROWS = "table[data-rows] tbody tr";
const AHEAD = "600px";

let lastChosen: HTMLInputElement | null = null;

function rowsOf(row: Element): HTMLTableRowElement[] {
  return [...(row.closest("table")?.querySelectorAll<HTMLTableRowElement>("tbody tr") ?? [])];
}

/** One row of each table is reached by Tab: the last that was visited, else the first. */
function rove(main: HTMLElement): void {
  for (const table of main.querySelectorAll("table[data-rows]")) {
    if (table.querySelector("tbody tr[tabindex]")) continue;
    table.querySelector("tbody tr")?.setAttribute("tabindex", "0");
  }
}

function focusRow(row: HTMLTableRowElement): void {
  for (const other of row.closest("table")?.querySelectorAll("tr[tabindex]") ?? []) other.removeAttribute("tabindex");
  row.tabIndex = 0;
  row.focus();
  row.scrollIntoView({ block: "nearest" });
}

function keydown(event: KeyboardEvent): void {
  const row = origin(event, ROWS);
  if (!(row instanceof HTMLTableRowElement) || isTyping(event.target)) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const rows = rowsOf(row);
  const at = rows.indexOf(row);
  const to: Record<string, number> = {
    ArrowDown: at + 1,
    j: at + 1,
    ArrowUp: at - 1,
    k: at - 1,
    Home: 0,
    End: rows.length - 1,
  };
  const next = to[event.key];
  if (next !== undefined) {
    const there = rows[next];
    if (there && !origin(event, "details.menu[open]")) {
      event.preventDefault();
      focusRow(there);
    }
    return;
  }
  if (event.target !== row) return;
  if (event.key === "Enter") row.querySelector<HTMLElement>("[data-row-link], a[href]")?.click();
  if (event.key === " ") {
    event.preventDefault();
    row.querySelector<HTMLInputElement>("[data-select]")?.dispatchEvent(
      new MouseEvent("click", { bubbles: true, cancelable: true, shiftKey: event.shiftKey }),
    );
  }
}

function boxes(within: ParentNode): HTMLInputElement[] {
  return [...within.querySelectorAll<HTMLInputElement>("input[data-select]")];
}

/** With Shift: everything between this one and the one before. */
function choose(event: MouseEvent): void {
  const box = origin(event, "input[data-select]");
  if (!(box instanceof HTMLInputElement)) return;
  const table = box.closest("table");
  if (!table) return;
  const all = boxes(table);
  const from = lastChosen ? all.indexOf(lastChosen) : -1;
  const to = all.indexOf(box);
  if (event.shiftKey && from >= 0) {
    for (const other of all.slice(Math.min(from, to), Math.max(from, to) + 1)) other.checked = box.checked;
  }
  lastChosen = box;
  count(document);
}

function chooseAll(event: Event): void {
  const all = event.target;
  if (!(all instanceof HTMLInputElement) || !all.matches("[data-select-all]")) return;
  for (const box of boxes(all.closest("table") ?? document)) box.checked = all.checked;
  count(document);
}

/** The bar with what can be done with the chosen rows is there when there are some. */
function count(within: ParentNode): void {
  for (const bar of within.querySelectorAll<HTMLElement>("[data-bulk]")) {
    const chosen = boxes(document).filter((box) => box.checked);
    bar.hidden = chosen.length === 0;
    const words = bar.querySelector("[data-bulk-count]");
    if (words) words.textContent = `${chosen.length} selected`;
  }
  for (const all of within.querySelectorAll<HTMLInputElement>("[data-select-all]")) {
    const those = boxes(all.closest("table") ?? document);
    const chosen = those.filter((box) => box.checked).length;
    all.checked = chosen > 0 && chosen === those.length;
    all.indeterminate = chosen > 0 && chosen < those.length;
  }
}

function clear(event: Event): void {
  if (!origin(event, "[data-bulk-clear]")) return;
  for (const box of boxes(document)) box.checked = false;
  count(document);
  announce("Nothing selected");
}

const near = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting || !(target instanceof HTMLElement)) continue;
      near.unobserve(target);
      target.click();
    }
  },
  { rootMargin: AHEAD },
);

function watchEnd(main: HTMLElement): void {
  near.disconnect();
  for (const more of main.querySelectorAll("a[data-more]")) near.observe(more);
}

const fitted = new WeakSet<Element>();
// After layout, so that nothing is laid out for the question's sake.
const widths = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const wrap = target.closest(".table-wrap");
    const table = wrap?.querySelector("table");
    if (wrap && table) wrap.toggleAttribute("data-scrolls", table.offsetWidth > wrap.clientWidth + 1);
  }
});

function fit(main: HTMLElement): void {
  for (const part of main.querySelectorAll(".table-wrap:not(.scroll), .table-wrap:not(.scroll) > table")) {
    if (fitted.has(part)) continue;
    fitted.add(part);
    widths.observe(part);
  }
}

function look(main: HTMLElement): void {
  rove(main);
  count(main);
  watchEnd(main);
  fit(main);
}

export function installTables(): void {
  document.addEventListener("keydown", keydown);
  document.addEventListener("click", (event) => {
    choose(event);
    clear(event);
  });
  document.addEventListener("change", chooseAll);
  onPage(look);
  const main = document.getElementById("page");
  if (main) look(main);
}
