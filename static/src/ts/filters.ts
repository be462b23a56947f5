// <form data-filters>: the list follows what is typed or chosen, and so does the URL.
import { origin } from "./dom";

const WAIT_MS = 150;

let waiting = 0;

function send(form: HTMLFormElement): void {
  clearTimeout(waiting);
  if (form.isConnected) form.requestSubmit();
}

export function installFilters(): void {
  document.addEventListener("input", (event) => {
    const form = origin(event, "form[data-filters]");
    if (!(form instanceof HTMLFormElement)) return;
    clearTimeout(waiting);
    waiting = window.setTimeout(() => send(form), event.target instanceof HTMLSelectElement ? 0 : WAIT_MS);
  });
  document.addEventListener("submit", () => clearTimeout(waiting), true);
}
