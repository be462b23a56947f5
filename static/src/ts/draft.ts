// <form data-draft>: each input is sent, and the form comes back as the server sees it.
import htmx from "htmx.org";

import { find, onPage, origin } from "./dom";

interface Exchange {
  elt: Element;
  xhr: XMLHttpRequest;
  requestConfig: { formData: FormData; triggeringEvent?: Event };
}

interface Configured {
  elt: Element;
  formData: FormData;
  triggeringEvent?: Event;
}

interface Asked {
  after: number;
  does: string;
  button: HTMLElement | null;
}

const FORM = "form[data-draft]";
const SAVES = new Set(["save", "apply"]);
const asked = new WeakMap<XMLHttpRequest, Asked>();
const pressed = new WeakMap<Event, string>();
let inputs = 0;

function detail<Type>(event: Event): Type {
  return (event as CustomEvent<Type>).detail;
}

function note(event: Event): void {
  const { elt, xhr, requestConfig } = detail<Exchange>(event);
  if (!elt.closest(FORM)) return;
  const { triggeringEvent, formData } = requestConfig;
  const button = triggeringEvent instanceof SubmitEvent ? triggeringEvent.submitter : null;
  asked.set(xhr, { after: inputs, does: String(formData.get("do") ?? ""), button });
}

/** What was pressed, when it was pressed: by the time it is sent, the button may say something else. */
function press(event: SubmitEvent): void {
  const { submitter } = event;
  if (submitter instanceof HTMLButtonElement && submitter.name === "do") pressed.set(event, submitter.value);
}

/** htmx would send the button in focus, whether or not this request came of it, and whether or not
 * it is still in focus once the requests before it are answered. What the answers have made
 * impossible meanwhile is not done: so Save, pressed twice, saves once. */
function configure(event: Event): void {
  const { elt, triggeringEvent, formData } = detail<Configured>(event);
  if (!elt.matches(FORM)) return;
  formData.delete("do");
  if (!(triggeringEvent instanceof SubmitEvent)) return;
  const does = pressed.get(triggeringEvent);
  if (does === undefined) return;
  if (triggeringEvent.submitter?.matches(":disabled")) event.preventDefault();
  else formData.set("do", does);
}

/** An answer to what was typed before must not undo what has been typed since: ask again. */
function forget(event: Event): void {
  const { xhr } = detail<Exchange>(event);
  const request = asked.get(xhr);
  if (!request || request.after === inputs || SAVES.has(request.does)) return;
  (event as CustomEvent<{ shouldSwap: boolean }>).detail.shouldSwap = false;
  const { button } = request;
  const form = button?.closest(FORM);
  if (button && form instanceof HTMLFormElement) form.requestSubmit(button);
}

/** Where a button has moved a row to, or made one, the focus goes with it. */
function follow(event: Event): void {
  const does = asked.get(detail<Exchange>(event).xhr)?.does ?? "";
  const [verb, place = ""] = does.split(":");
  const moved = /^(.*\.)(\d+)$/.exec(place);
  if (verb === "add") {
    const fields = document.querySelectorAll<HTMLElement>(`${FORM} :is(input, select)`);
    const made = [...fields].filter((field) => field.getAttribute("name")?.startsWith(`${place}.`));
    const last = made.at(-1)?.getAttribute("name")?.slice(place.length + 1).split(".")[0];
    made.find((field) => field.getAttribute("name")?.startsWith(`${place}.${last}.`))?.focus();
  } else if (moved && (verb === "up" || verb === "down")) {
    const at = Number(moved[2]) + (verb === "up" ? -1 : 1);
    const buttons = [verb, verb === "up" ? "down" : "up"].map((each) => `[value="${each}:${moved[1]}${at}"]`);
    const there = buttons.map((selector) => find(`${FORM} ${selector}:enabled`, HTMLButtonElement));
    there.find((button) => button !== null)?.focus();
  }
}

/** Somebody else has saved meanwhile: the server says what that means for what is typed here. */
function compare(main: HTMLElement): void {
  const writtenAt = find("[data-written-at]", HTMLElement, main)?.dataset["writtenAt"];
  const form = find(FORM, HTMLFormElement, main);
  const index = form && find("input[name=index]", HTMLInputElement, form);
  if (form && index && writtenAt !== undefined && writtenAt !== index.value) {
    htmx.trigger(form, "refresh", {});
  }
}

export function installDrafts(): void {
  document.addEventListener("input", (event) => {
    if (origin(event, FORM)) inputs += 1;
  });
  document.addEventListener("submit", press, { capture: true });
  document.addEventListener("htmx:configRequest", configure);
  document.addEventListener("htmx:beforeRequest", note);
  document.addEventListener("htmx:beforeSwap", forget);
  document.addEventListener("htmx:afterSwap", follow);
  onPage(compare);
}
