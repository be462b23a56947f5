// What the server finds wrong with the text, at the lines where it stands.
import { type Diagnostic, lintGutter, linter } from "@codemirror/lint";
import type { Extension, Text } from "@codemirror/state";
import { csrfToken } from "../requests";

interface Mistake {
  /** From 1; 0 where the text as a whole is meant. */
  line: number;
  sentence: string;
}

function diagnostic(mistake: Mistake, text: Text): Diagnostic {
  const line = text.line(Math.min(Math.max(mistake.line, 1), text.lines));
  const blank = line.text.length - line.text.trimStart().length;
  return { from: line.from + blank, to: line.to, severity: "error", message: mistake.sentence };
}

async function asked(url: string, text: string, language: string): Promise<Mistake[]> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "X-CSRFToken": csrfToken() },
    body: new URLSearchParams({ text, language }),
  });
  if (!answer.ok) return [];
  const found = (await answer.json()) as { mistakes: Mistake[] };
  return found.mistakes;
}

export function mistakes(url: string, language: string): Extension {
  const source = async (view: { state: { doc: Text } }): Promise<Diagnostic[]> => {
    const { doc } = view.state;
    const found = await asked(url, doc.toString(), language);
    return found.map((mistake) => diagnostic(mistake, doc));
  };
  return [linter(source, { delay: 400 }), lintGutter()];
}
