// Buttons that copy: <button class="copy" data-copy="...">.
import { announce, element, icon, origin } from "./dom";

const SHOWN_MS = 1_500;

export function copyButton(text: string): HTMLButtonElement {
  return element(
    "button",
    { type: "button", class: "copy", "data-copy": text, "aria-label": "Copy", title: "Copy" },
    icon("copy"),
  );
}

export function commandLine(line: string): HTMLElement {
  return element("span", { class: "command" }, element("code", {}, line), copyButton(line));
}

async function copy(button: HTMLElement): Promise<void> {
  const text = button.dataset["copy"] ?? "";
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without TLS there is no clipboard, but there is the selection.
    const field = element("textarea", { class: "visually-hidden" });
    field.value = text;
    (button.closest("dialog") ?? document.body).append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
    button.focus();
  }
  showCopied(button);
  announce("Copied");
}

function showCopied(button: HTMLElement): void {
  const use = button.querySelector("use");
  if (!use) return;
  use.setAttribute("href", "#i-check");
  button.dataset["copied"] = "";
  setTimeout(() => {
    use.setAttribute("href", "#i-copy");
    delete button.dataset["copied"];
  }, SHOWN_MS);
}

export function installCopy(): void {
  document.addEventListener("click", (event) => {
    const button = origin(event, "[data-copy]");
    if (!button) return;
    event.preventDefault();
    void copy(button);
  });
}
