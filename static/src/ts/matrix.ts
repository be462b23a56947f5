// <table data-matrix>: arrow keys walk its cells, the cell that is pointed at is said in a sentence,
// and opening it shows the explanation of that call beside the matrix.
import { find, onPage, origin, page } from "./dom";
import { openPanel } from "./panel";

const CELLS = "table[data-matrix] tbody td";

function cellOf(event: Event): HTMLTableCellElement | null {
  const cell = origin(event, CELLS);
  return cell instanceof HTMLTableCellElement ? cell : null;
}

function rowsOf(table: HTMLTableElement): HTMLTableCellElement[][] {
  return [...(table.tBodies[0]?.rows ?? [])].map((row) => [...row.querySelectorAll("td")]);
}

interface Place {
  table: HTMLTableElement;
  rows: HTMLTableCellElement[][];
  row: number;
  column: number;
}

function placeOf(cell: HTMLTableCellElement): Place | null {
  const table = cell.closest("table");
  if (!table) return null;
  const rows = rowsOf(table);
  const row = rows.findIndex((cells) => cells.includes(cell));
  return { table, rows, row, column: rows[row]?.indexOf(cell) ?? -1 };
}

function headers({ table, row, column }: Place): (HTMLElement | undefined)[] {
  const ofRows = table.querySelectorAll<HTMLElement>('tbody th[scope="row"]');
  const ofColumns = table.querySelectorAll<HTMLElement>('thead th[scope="col"]');
  return [ofRows[row], ofColumns[column]];
}

function sentence(cell: HTMLTableCellElement, ends: (HTMLElement | undefined)[]): string {
  const [source, destination] = ends.map((end) => end?.textContent?.trim() ?? "");
  const reason = find(`#matrix-outcomes [data-o="${cell.dataset["o"] ?? ""}"]`, HTMLElement)?.textContent;
  return `${source} → ${destination}: ${reason ?? ""}`;
}

function point(event: Event): void {
  const cell = cellOf(event);
  const place = cell && placeOf(cell);
  if (!place) return;
  const ends = headers(place);
  for (const old of place.table.querySelectorAll("[data-pointed]")) old.removeAttribute("data-pointed");
  for (const end of ends) end?.setAttribute("data-pointed", "");
  const said = sentence(cell, ends);
  cell.title = said;
  cell.setAttribute("aria-label", said);
  const line = document.getElementById("matrix-says");
  if (line) line.textContent = said;
}

function open(cell: HTMLTableCellElement): void {
  const place = placeOf(cell);
  if (!place) return;
  const [source, destination] = headers(place).map((end) => end?.dataset["service"] ?? "");
  const asked = new URLSearchParams({ source: source ?? "", destination: destination ?? "" });
  const { answer, explain } = place.table.dataset;
  void openPanel(`${answer ?? ""}?${asked.toString()}`, `${explain ?? ""}?${asked.toString()}`, cell);
}

function walk(event: KeyboardEvent): void {
  const cell = cellOf(event);
  const place = cell && placeOf(cell);
  if (!place || event.ctrlKey || event.metaKey || event.altKey) return;
  const { rows, row, column } = place;
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    open(cell);
    return;
  }
  const to: Record<string, HTMLTableCellElement | undefined> = {
    ArrowUp: rows[row - 1]?.[column],
    ArrowDown: rows[row + 1]?.[column],
    ArrowLeft: rows[row]?.[column - 1],
    ArrowRight: rows[row]?.[column + 1],
    Home: rows[row]?.[0],
    End: rows[row]?.at(-1),
  };
  const next = to[event.key];
  if (!next) return;
  event.preventDefault();
  cell.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

/** One cell is reached by Tab: the last that was visited, else the first. */
function rove(main: HTMLElement): void {
  const cells = [...main.querySelectorAll<HTMLTableCellElement>(CELLS)];
  const current = cells.find((cell) => cell.tabIndex === 0) ?? cells[0];
  if (current) current.tabIndex = 0;
}

export function installMatrix(): void {
  document.addEventListener("pointerover", point);
  document.addEventListener("focusin", point);
  document.addEventListener("keydown", walk);
  document.addEventListener("click", (event) => {
    const cell = cellOf(event);
    if (cell) open(cell);
  });
  const main = page();
  if (main) rove(main);
  onPage(rove);
}
