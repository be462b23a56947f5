// A field for a find or hide expression: proposes how to go on, and says what is wrong with it.
import { element, icon } from "../dom";
import type { Model } from "./model";
import { type Suggestion, suggestions } from "./suggestions";
import { readable } from "./visible";

export interface FieldWants {
  name: "find" | "hide";
  label: string;
  icon: string;
  /** Shown while the field is empty: whole expressions with what they mean. */
  presets: readonly (readonly [expression: string, says: string])[];
  model(): Model;
  changed(text: string): void;
  entered(): void;
}

const COMBOBOX = {
  type: "text",
  class: "input",
  role: "combobox",
  "aria-autocomplete": "list",
  "aria-expanded": "false",
  autocomplete: "off",
  autocapitalize: "off",
  spellcheck: "false",
};

export class ExpressionField {
  readonly element: HTMLElement;
  private readonly input: HTMLInputElement;
  private readonly list: HTMLElement;
  private readonly problem: HTMLElement;
  private readonly outcome = element("span", { class: "graph-field-outcome", "aria-live": "polite" });
  private readonly clear: HTMLButtonElement;
  private offers: Suggestion[] = [];
  private active = -1;

  constructor(private readonly wants: FieldWants) {
    const { name, label } = wants;
    this.list = element("ul", {
      class: "graph-offers graph-card",
      id: `graph-${name}-offers`,
      role: "listbox",
      "aria-label": `${label}: suggestions`,
    });
    this.list.hidden = true;
    this.problem = element("p", { class: "graph-field-problem", id: `graph-${name}-problem`, role: "alert" });
    this.problem.hidden = true;
    this.input = element("input", {
      ...COMBOBOX,
      placeholder: label,
      "aria-label": label,
      "aria-controls": this.list.id,
      "aria-describedby": this.problem.id,
      // Where the shell's key for filtering leads.
      ...(name === "find" ? { "data-filter": "" } : {}),
    });
    this.clear = element(
      "button",
      { type: "button", class: "graph-field-clear", "aria-label": `Clear ${name}` },
      icon("close"),
    );
    this.clear.addEventListener("click", () => {
      this.write("");
      this.input.focus();
    });
    const parts = [icon(wants.icon), this.input, this.outcome, this.clear, this.problem, this.list];
    this.element = element("div", { class: "graph-field" }, ...parts);
    this.listen();
  }

  /** What the view says; a text that is being typed stays as it is. */
  show(text: string, outcome: string): void {
    if (document.activeElement !== this.input) this.input.value = text;
    this.judge(text);
    this.outcome.textContent = outcome;
    this.clear.hidden = text === "";
  }

  /** While there are ways to go on, what stands there is unfinished rather than wrong. */
  private judge(text: string): void {
    const problem = this.list.hidden ? readable(text).problem : "";
    this.problem.textContent = problem;
    this.problem.hidden = !problem;
    this.input.setAttribute("aria-invalid", String(problem !== ""));
  }

  private listen(): void {
    this.input.addEventListener("input", () => {
      this.wants.changed(this.input.value);
      this.offer();
    });
    this.input.addEventListener("focus", () => this.offer());
    this.input.addEventListener("click", () => this.offer());
    this.input.addEventListener("blur", () => this.close());
    this.input.addEventListener("keydown", (event) => this.pressed(event));
    // On pointerdown, for the field is to keep its focus.
    this.list.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const item = event.target instanceof Element ? event.target.closest("li") : null;
      if (item) this.take([...this.list.children].indexOf(item));
    });
  }

  private write(text: string, cursor = text.length): void {
    this.input.value = text;
    this.input.setSelectionRange(cursor, cursor);
    this.wants.changed(text);
  }

  private offer(): void {
    const text = this.input.value;
    const presets = this.wants.presets.map(([expression, says]) => ({
      text: expression,
      says,
      start: 0,
      end: 0,
    }));
    this.offers = text.trim()
      ? suggestions(text, this.input.selectionStart ?? text.length, this.wants.model())
      : presets;
    this.active = -1;
    this.list.replaceChildren(
      ...this.offers.map(({ text: offered, says }, at) =>
        element(
          "li",
          { role: "option", id: `${this.list.id}-${at}`, "aria-selected": "false" },
          element("code", {}, offered),
          element("span", {}, says),
        ),
      ),
    );
    this.list.hidden = this.offers.length === 0;
    this.input.setAttribute("aria-expanded", String(!this.list.hidden));
    this.input.removeAttribute("aria-activedescendant");
    this.judge(text);
  }

  private close(): void {
    this.list.hidden = true;
    this.active = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
    this.judge(this.input.value);
  }

  private move(step: number): void {
    if (this.list.hidden) return this.offer();
    const count = this.offers.length;
    this.active = (this.active + step + (this.active < 0 && step < 0 ? 1 : 0) + count) % count;
    [...this.list.children].forEach((item, at) =>
      item.setAttribute("aria-selected", String(at === this.active)),
    );
    this.input.setAttribute("aria-activedescendant", `${this.list.id}-${this.active}`);
    this.list.children[this.active]?.scrollIntoView({ block: "nearest" });
  }

  private take(at: number): void {
    const offer = this.offers[at];
    if (!offer) return;
    const text = this.input.value;
    const rest = text.slice(offer.end);
    const before =
      text.slice(0, offer.start) + offer.text + (rest.startsWith(" ") || !text.trim() ? "" : " ");
    this.write(before + rest, before.length);
    if (text.trim()) this.offer();
    else this.close();
  }

  private pressed(event: KeyboardEvent): void {
    const { key } = event;
    if (key === "ArrowDown" || key === "ArrowUp") {
      event.preventDefault();
      this.move(key === "ArrowDown" ? 1 : -1);
    } else if ((key === "Enter" || (key === "Tab" && !event.shiftKey)) && this.active >= 0) {
      event.preventDefault();
      this.take(this.active);
    } else if (key === "Enter") {
      this.close();
      this.wants.entered();
    } else if (key === "Escape") {
      event.stopPropagation();
      if (!this.list.hidden) this.close();
      else if (this.input.value) this.write("");
      else this.input.blur();
    }
  }
}
