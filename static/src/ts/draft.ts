// <form data-draft>: each input is sent, and the form comes back as the server sees it.
import htmx from "htmx.org";

import { find, onPage, origin } from "./dom";

/** An answer to what was typed before must not undo what has been typed since. */
function forget(event: Event): void {
  const form = origin(event, "form[data-draft]");
  if (form) htmx.trigger(form, "htmx:abort", {});
}

/** Somebody else has saved meanwhile: the server says what that means for what is typed here. */
function compare(main: HTMLElement): void {
  const writtenAt = find("[data-written-at]", HTMLElement, main)?.dataset["writtenAt"];
  const form = find("form[data-draft]", HTMLFormElement, main);
  const index = form && find("input[name=index]", HTMLInputElement, form);
  if (form && index && writtenAt !== undefined && writtenAt !== index.value) {
    htmx.trigger(form, "refresh", {});
  }
}

/** Where a button has moved or made something, the focus goes with it. */
function follow(): void {
  find("form[data-draft] [data-focus]", HTMLElement)?.focus();
}

export function installDrafts(): void {
  document.addEventListener("input", forget);
  document.addEventListener("htmx:afterSettle", follow);
  onPage(compare);
}
