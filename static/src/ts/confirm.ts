// Asks before a change that is made by one button, and asks why:
//   <button hx-post="/ui/do/..." data-confirm="Deregister web-1?" data-detail="..."
//           data-command="tulle ..." data-go="Deregister" data-dangerous>
import { commandLine } from "./copy";
import { find } from "./dom";

interface Confirmation {
  elt: Element;
  issueRequest: (skipConfirmation: boolean) => void;
}

interface Configured {
  elt: Element;
  formData: FormData;
}

const reasons = new WeakMap<Element, string>();

function fill(dialog: HTMLDialogElement, asked: DOMStringMap): void {
  const title = dialog.querySelector("#confirm-title");
  if (title) title.textContent = asked["confirm"] ?? "";
  const detail = find("[data-confirm-detail]", HTMLElement, dialog);
  if (detail) {
    detail.textContent = asked["detail"] ?? "";
    detail.hidden = !asked["detail"];
  }
  const command = find("[data-confirm-command]", HTMLElement, dialog);
  if (command) {
    command.replaceChildren(...(asked["command"] ? [commandLine(asked["command"])] : []));
    command.hidden = !asked["command"];
  }
  const go = find("[data-confirm-go]", HTMLButtonElement, dialog);
  if (go) {
    go.textContent = asked["go"] ?? "Go on";
    go.classList.toggle("danger", asked["dangerous"] !== undefined);
  }
}

function ask(event: Event): void {
  const { elt, issueRequest } = (event as CustomEvent<Confirmation>).detail;
  const dialog = find("#confirm", HTMLDialogElement);
  const reason = find("#confirm-reason", HTMLInputElement);
  if (!(elt instanceof HTMLElement) || elt.dataset["confirm"] === undefined || !dialog || !reason) return;
  event.preventDefault();
  fill(dialog, elt.dataset);
  reason.value = "";
  dialog.returnValue = "";
  dialog.addEventListener(
    "close",
    () => {
      if (dialog.returnValue !== "yes") return;
      if (reason.value.trim()) reasons.set(elt, reason.value.trim());
      issueRequest(true);
    },
    { once: true },
  );
  dialog.showModal();
}

export function installConfirm(): void {
  document.addEventListener("htmx:confirm", ask);
  // No submit button, or Enter in the field would press it as the first one.
  const cancel = find("[data-confirm-cancel]", HTMLButtonElement);
  cancel?.addEventListener("click", () => find("#confirm", HTMLDialogElement)?.close(""));
  document.addEventListener("htmx:configRequest", (event) => {
    const { elt, formData } = (event as CustomEvent<Configured>).detail;
    const reason = reasons.get(elt);
    if (reason === undefined) return;
    formData.set("reason", reason);
    reasons.delete(elt);
  });
}
