// <code-editor for="field" language="yaml|json|hcl" label="..."> shows a <textarea> as an editor.
//
// The textarea stays what is sent and what the server changes; the editor follows it, and writes into
// it what is typed. With `readonly` nothing can be typed; `check` is where the server is asked for
// mistakes. It lives in a shadow root, where styles need no <style> element, which our CSP forbids.
import { json } from "@codemirror/lang-json";
import { yaml } from "@codemirror/lang-yaml";
import type { Extension } from "@codemirror/state";
import { Compartment, EditorState } from "@codemirror/state";
import { EditorView, placeholder } from "@codemirror/view";
import { basicSetup } from "codemirror";
import { hcl } from "./hcl";
import { look } from "./look";
import { mistakes } from "./mistakes";
import { typing } from "./typing";

const LANGUAGES: Record<string, () => Extension> = { yaml, json, hcl: () => hcl };
const FROM_THE_FIELD = "from the field";

class CodeEditor extends HTMLElement {
  static observedAttributes = ["readonly"];

  #view: EditorView | undefined;
  readonly #mode = new Compartment();

  connectedCallback(): void {
    const field = this.#field();
    if (!field || this.#view) return;
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open", delegatesFocus: true });
    this.#view = new EditorView({
      state: EditorState.create({ doc: field.value, extensions: this.#extensions(field) }),
      root,
      parent: root,
    });
    // To the page outside this is no field: letters would be taken for shortcuts, and what is
    // typed is told by the textarea.
    root.addEventListener("input", (event) => event.stopPropagation());
    root.addEventListener("keydown", (event) => {
      if (event instanceof KeyboardEvent && !event.ctrlKey && !event.metaKey) event.stopPropagation();
    });
    document.addEventListener("htmx:afterSettle", this.#follow);
    document.addEventListener("tulle:page", this.#follow);
  }

  disconnectedCallback(): void {
    document.removeEventListener("htmx:afterSettle", this.#follow);
    document.removeEventListener("tulle:page", this.#follow);
    this.#view?.destroy();
    this.#view = undefined;
  }

  attributeChangedCallback(): void {
    this.#view?.dispatch({ effects: this.#mode.reconfigure(this.#readOnly()) });
  }

  get value(): string {
    return this.#view?.state.doc.toString() ?? "";
  }

  #field(): HTMLTextAreaElement | null {
    const field = document.getElementById(this.getAttribute("for") ?? "");
    return field instanceof HTMLTextAreaElement ? field : null;
  }

  #readOnly(): Extension {
    return EditorState.readOnly.of(this.hasAttribute("readonly"));
  }

  #extensions(field: HTMLTextAreaElement): Extension {
    const language = this.getAttribute("language") ?? "yaml";
    const url = this.getAttribute("check");
    return [
      basicSetup,
      LANGUAGES[language]?.() ?? [],
      look,
      typing,
      EditorView.lineWrapping,
      placeholder(field.placeholder),
      this.#mode.of(this.#readOnly()),
      EditorView.contentAttributes.of({ "aria-label": this.getAttribute("label") ?? language }),
      EditorView.updateListener.of((update) => {
        const isTyped = update.docChanged && !update.transactions.some((each) => each.isUserEvent(FROM_THE_FIELD));
        if (isTyped) this.#write({ says: true });
      }),
      url ? mistakes(url, language) : [],
    ];
  }

  #write({ says }: { says: boolean }): void {
    const field = this.#field();
    if (!field) return;
    field.value = this.value;
    if (says) field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** The server may have changed the field; while somebody types here, what is typed counts. */
  readonly #follow = (): void => {
    const field = this.#field();
    if (!field || !this.#view || field.value === this.value) return;
    if (document.activeElement === this) {
      this.#write({ says: false });
      return;
    }
    this.#view.dispatch({ changes: difference(this.value, field.value), userEvent: FROM_THE_FIELD });
  };
}

/** The one stretch between what begins and what ends alike, so that marks and scroll stay put. */
function difference(before: string, after: string): { from: number; to: number; insert: string } {
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < most - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  return { from: head, to: before.length - tail, insert: after.slice(head, after.length - tail) };
}

customElements.define("code-editor", CodeEditor);
