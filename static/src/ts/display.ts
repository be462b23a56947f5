// Theme, density and rail: attributes of <html>, kept in cookies so that the server has them for
// the first paint. Preferences only.
import { announce, find, onPage, origin } from "./dom";

export type Name = "theme" | "density" | "rail";

const YEAR_S = 31_536_000;

export function choose(name: Name, value: string): void {
  const root = document.documentElement;
  if (value) root.dataset[name] = value;
  else delete root.dataset[name];
  const lasts_s = value ? YEAR_S : 0;
  document.cookie = `tulle_${name}=${value}; path=/ui; max-age=${lasts_s}; samesite=lax`;
  for (const radio of document.querySelectorAll<HTMLInputElement>(`input[type=radio][name=${name}]`)) {
    if (radio.closest(`[data-display="${name}"]`)) radio.checked = radio.value === value;
  }
  document.dispatchEvent(new CustomEvent("tulle:display"));
}

export function chosen(name: Name): string {
  return document.documentElement.dataset[name] ?? "";
}

/** The server renders a page for many browsers at once, and does not know what this one has chosen. */
function show(within: ParentNode): void {
  for (const name of ["theme", "density"] as const) {
    for (const radio of within.querySelectorAll<HTMLInputElement>(`[data-display="${name}"] input[type=radio]`)) {
      radio.checked = radio.value === chosen(name);
    }
  }
}

function toggleRail(): void {
  choose("rail", chosen("rail") === "narrow" ? "" : "narrow");
  announce(chosen("rail") === "narrow" ? "Rail collapsed" : "Rail expanded");
}

/** On a small screen: all of the rail, or the bar alone. */
function showAll(isShown: boolean): void {
  document.getElementById("rail")?.toggleAttribute("data-open", isShown);
  const button = find("[data-rail-more]", HTMLButtonElement);
  button?.setAttribute("aria-expanded", String(isShown));
  const label = button?.querySelector(".rail-label");
  if (label) label.textContent = isShown ? "Less" : "More";
}

export function installDisplay(): void {
  onPage(show);
  show(document);
  document.addEventListener("change", (event) => {
    const group = origin(event, "[data-display]");
    const radio = event.target;
    if (!group || !(radio instanceof HTMLInputElement)) return;
    const name = group.dataset["display"];
    if (name === "theme" || name === "density") choose(name, radio.value);
  });
  document.addEventListener("click", (event) => {
    if (origin(event, "[data-rail-toggle]")) toggleRail();
    const isMore = origin(event, "[data-rail-more]") !== null;
    showAll(isMore && !document.getElementById("rail")?.hasAttribute("data-open"));
  });
  // Another theme of the system is another set of colours for what is painted by script.
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
    document.dispatchEvent(new CustomEvent("tulle:display")),
  );
}
