// The colours of the picture, read from the style sheet's tokens, so that a theme stays in one place.

export type Colour = readonly [red: number, green: number, blue: number];

export interface Palette {
  passing: Colour;
  warning: Colour;
  critical: Colour;
  unknown: Colour;
  allow: Colour;
  deny: Colour;
  conditional: Colour;
  body: Colour;
  ground: Colour;
  accent: Colour;
  found: Colour;
  /** Of what moves along an edge. */
  flow: Colour;
  /** How strong an edge is that nothing singles out, and how far a critical vertex shines. */
  rest: number;
  glow: number;
  css: {
    ground: string;
    grid: string;
    box: string;
    boxLine: string;
    text: string;
    muted: string;
    critical: string;
    warning: string;
    accent: string;
    font: string;
  };
}

function reader(element: HTMLElement): (token: string) => { css: string; colour: Colour } {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const probe = document.createElement("span");
  probe.hidden = true;
  element.append(probe);
  const style = getComputedStyle(probe);
  queueMicrotask(() => probe.remove());
  return (token) => {
    // Through `color` a formula becomes a colour, through a pixel any notation becomes three numbers.
    probe.style.color = `var(--graph-${token})`;
    const css = style.color;
    if (!context) return { css, colour: [0.5, 0.5, 0.5] };
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = css;
    context.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
    return { css, colour: [red / 255, green / 255, blue / 255] };
  };
}

export function palette(element: HTMLElement): Palette {
  const read = reader(element);
  const style = getComputedStyle(element);
  const colour = (token: string) => read(token).colour;
  const css = (token: string) => read(token).css;
  const number = (token: string) => Number(style.getPropertyValue(`--graph-${token}`)) || 0;
  return {
    passing: colour("passing"),
    warning: colour("warning"),
    critical: colour("critical"),
    unknown: colour("unknown"),
    allow: colour("allow"),
    deny: colour("deny"),
    conditional: colour("conditional"),
    body: colour("body"),
    ground: colour("ground"),
    accent: colour("accent"),
    found: colour("found"),
    flow: colour("flow"),
    rest: number("rest"),
    glow: number("glow"),
    css: {
      ground: css("ground"),
      grid: css("grid"),
      box: css("box"),
      boxLine: css("box-line"),
      text: css("text"),
      muted: css("muted"),
      critical: css("critical"),
      warning: css("warning"),
      accent: css("accent"),
      font: style.fontFamily,
    },
  };
}
