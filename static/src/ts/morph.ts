// Changes a part of the page into its next state without making it anew: what has focus keeps it,
// and so do scroll, selection, open menus and, where the reader did not ask for the change, fields
// that are being edited.
import htmx from "htmx.org";
import { Idiomorph } from "idiomorph";

// Set by scripts or by the reader; what the server sends says nothing about them.
const OURS = new Set([
  "open",
  "style",
  "tabindex",
  "data-selected",
  "data-scrolls",
  "data-copied",
  "data-open",
]);

const FIELDS = "input, select, textarea";
const WITH_STATE = `${FIELDS}, option`; // what was typed or chosen stands in no attribute

/** Whether fields that differ from what the server sent stay as they are. */
export type Edits = "kept" | "dropped";

function isEdited(field: Element): boolean {
  if (field instanceof HTMLInputElement) {
    const isToggle = field.type === "checkbox" || field.type === "radio";
    return isToggle ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
  }
  if (field instanceof HTMLTextAreaElement) return field.value !== field.defaultValue;
  if (field instanceof HTMLSelectElement && !field.multiple) {
    const options = [...field.options];
    const given = options.find((option) => option.defaultSelected) ?? options[0];
    return given !== undefined && !given.selected;
  }
  return false;
}

/** Elements whose inside belongs to a script: custom elements, editors. */
function isOwn(node: Element): boolean {
  return node.localName.includes("-") || node.hasAttribute("data-own");
}

function stays(node: Node, edits: Edits): boolean {
  if (!(node instanceof Element)) return false;
  if (isOwn(node)) return true;
  return (edits === "kept" || node.matches("[data-select]")) && isEdited(node);
}

/** Most of a long page is as it was, and the browser compares much faster than nodes are walked. */
function isSame(old: Node, wanted: Node, edits: Edits): boolean {
  if (!old.isEqualNode(wanted)) return false;
  // Text too comes here, whatever Idiomorph's types say.
  if (edits === "kept" || !(old instanceof Element)) return true;
  return !old.matches(WITH_STATE) && !old.querySelector(WITH_STATE);
}

// What htmx gives a behaviour to.
const ACTIVE = "a, form, [hx-get], [hx-post], [hx-trigger]";

export function morph(target: Element, next: string | Node, edits: Edits): void {
  const changed: Element[] = [];
  const note = (node: Node) => {
    if (node instanceof Element) changed.push(node);
  };
  Idiomorph.morph(target, next, {
    morphStyle: "outerHTML",
    // For Idiomorph this is about whatever has focus: of a page or a row it would keep the inside.
    ignoreActiveValue: edits === "kept" && document.activeElement?.matches(FIELDS) === true,
    callbacks: {
      beforeNodeMorphed: (old, wanted) => !isSame(old, wanted, edits) && !stays(old, edits),
      beforeAttributeUpdated: (name) => !OURS.has(name),
      afterNodeAdded: note,
      afterNodeMorphed: (node) => {
        if (node instanceof Element && node.matches(ACTIVE)) changed.push(node);
      },
    },
  });
  for (const node of changed) htmx.process(node);
}

/** What htmx fetches is put in place in the same ways: hx-swap="morph", "morph:kept" or "replace". */
export function installMorph(): void {
  htmx.defineExtension("morph", {
    isInlineSwap: (style: string) => style.startsWith("morph") || style === "replace",
    handleSwap: (style: string, target: Node, fragment: Node) => {
      const next = [...fragment.childNodes].find((node) => node instanceof Element);
      if (!(target instanceof Element) || !next) return false;
      if (style === "replace") {
        target.replaceWith(next);
        if (next instanceof Element) htmx.process(next);
        return true;
      }
      if (!style.startsWith("morph")) return false;
      morph(target, next, style === "morph:kept" ? "kept" : "dropped");
      return true;
    },
  });
}
