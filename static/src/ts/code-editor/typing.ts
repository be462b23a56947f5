// What is typed over a selection goes into the document by us. Left alone, the browser first joins
// what is left of the lines and gives it their style by an attribute, which our CSP blocks.
import { EditorView } from "@codemirror/view";

function typedOver(event: InputEvent, view: EditorView): boolean {
  const { from, to, empty } = view.state.selection.main;
  const { data } = event;
  if (event.inputType !== "insertText" || !data || empty || view.composing || view.state.readOnly) {
    return false;
  }
  event.preventDefault();
  const insert = () =>
    view.state.update(view.state.replaceSelection(data), { userEvent: "input.type", scrollIntoView: true });
  const isHandled = view.state
    .facet(EditorView.inputHandler)
    .some((handler) => handler(view, from, to, data, insert));
  if (!isHandled) view.dispatch(insert());
  return true;
}

export const typing = EditorView.domEventHandlers({ beforeinput: typedOver });
