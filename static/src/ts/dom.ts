// The few ways in which scripts make and find elements. Text goes in as text, never as HTML.

const SVG = "http://www.w3.org/2000/svg";

type Child = Node | string;

export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, string> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** One of the symbols that stand in every page. */
export function icon(name: string): SVGSVGElement {
  const made = document.createElementNS(SVG, "svg");
  made.setAttribute("class", "icon");
  made.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  made.append(use);
  return made;
}

export function find<Type extends Element>(
  selector: string,
  type: new () => Type,
  within: ParentNode = document,
): Type | null {
  const found = within.querySelector(selector);
  return found instanceof type ? found : null;
}

export function page(): HTMLElement | null {
  return document.getElementById("page");
}

/** Where the event came from, or the nearest element around it that the selector names. */
export function origin(event: Event, selector: string): HTMLElement | null {
  const found = event.target instanceof Element ? event.target.closest(selector) : null;
  return found instanceof HTMLElement ? found : null;
}

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) {
    return !["checkbox", "radio", "button", "submit", "range"].includes(target.type);
  }
  return target.isContentEditable || target.matches("textarea, select");
}

export function announce(sentence: string): void {
  const announcer = document.getElementById("announcer");
  if (announcer) announcer.textContent = sentence;
}

/** What is on the page has changed, by navigation or by itself: look at it again. */
export function onPage(look: (main: HTMLElement) => void): void {
  document.addEventListener("tulle:page", () => {
    const main = page();
    if (main) look(main);
  });
}

export function pageChanged(): void {
  document.dispatchEvent(new CustomEvent("tulle:page"));
}
