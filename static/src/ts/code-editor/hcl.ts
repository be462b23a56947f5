// HCL as Consul's files have it: attributes, blocks, lists, strings, comments, heredocs.
import { StreamLanguage, type StreamParser } from "@codemirror/language";

interface State {
  /** Closes the heredoc or the comment that we are in; empty outside of both. */
  until: string;
}

const WORD = /^[A-Za-z_][\w.-]*/;
const NUMBER = /^[+-]?(0x[\da-f]+|\d+(\.\d*)?(e[+-]?\d+)?)(?![\w.])/i;
const STRING = /^"([^"\\\n]|\\.)*"?/;

const parser: StreamParser<State> = {
  name: "hcl",
  startState: () => ({ until: "" }),
  copyState: (state) => ({ ...state }),
  token(stream, state) {
    if (state.until === "*/") {
      if (stream.skipTo("*/")) {
        stream.match("*/");
        state.until = "";
      } else stream.skipToEnd();
      return "comment";
    }
    if (state.until) {
      if (stream.string.trim() === state.until) state.until = "";
      stream.skipToEnd();
      return "string";
    }
    if (stream.eatSpace()) return null;
    if (stream.match("#") || stream.match("//")) {
      stream.skipToEnd();
      return "comment";
    }
    if (stream.match("/*")) {
      state.until = "*/";
      return "comment";
    }
    const heredoc = stream.match(/^<<-?(\w+)/);
    if (heredoc && heredoc !== true) {
      state.until = heredoc[1] ?? "";
      return "string";
    }
    if (stream.match(STRING)) return stream.match(/^\s*[={]/, false) ? "propertyName" : "string";
    if (stream.match(NUMBER)) return "number";
    const word = stream.match(WORD);
    if (word && word !== true) return /^(true|false|null)$/.test(word[0]) ? "atom" : "propertyName";
    return stream.match(/^[{}[\]]/) ? "bracket" : (stream.next(), null);
  },
  languageData: { commentTokens: { line: "#", block: { open: "/*", close: "*/" } } },
};

export const hcl = StreamLanguage.define(parser);
