// The legend's little pictures: the same shapes as in the graph, as SVG.

const SVG = "http://www.w3.org/2000/svg";

type Part = [tag: string, attributes: Record<string, string | number>];

const ring = (more: Record<string, string | number> = {}): Part => [
  "circle",
  { cx: 12, cy: 8, r: 6, ...more },
];
const edge = (more: Record<string, string | number> = {}): Part => ["path", { d: "M1 8h22", ...more }];

/** By entry of the legend; `--graph-…` of the same name colours it. */
const SHAPES: Readonly<Record<string, { colour: string; parts: Part[] }>> = {
  passing: { colour: "passing", parts: [ring()] },
  warning: {
    colour: "warning",
    parts: [
      ["path", { d: "M16.9 5.5a6 6 0 1 1-2.4-2.9" }],
      ["path", { d: "m16.6 1 2.2 3.8h-4.4z", class: "filled" }],
    ],
  },
  critical: {
    colour: "critical",
    parts: [
      ring({ "stroke-width": 2.4 }),
      ring({ r: 3.2, "stroke-width": 1.2 }),
      ["path", { d: "m10.8 6.8 2.4 2.4m0-2.4-2.4 2.4", "stroke-width": 1.2 }],
    ],
  },
  unknown: { colour: "unknown", parts: [ring({ "stroke-dasharray": "2.6 1.6", "stroke-width": 1.4 })] },
  unregistered: { colour: "unknown", parts: [ring({ "stroke-dasharray": "1 1.7", "stroke-width": 1.2 })] },
  gateway: {
    colour: "passing",
    parts: [["path", { d: "m12 2 5.2 3v6L12 14l-5.2-3V5z", "stroke-linejoin": "round" }]],
  },
  allow: { colour: "allow", parts: [edge(), ["path", { d: "m19 5 4 3-4 3z", class: "filled" }]] },
  conditional: {
    colour: "conditional",
    parts: [edge(), ["path", { d: "m12 4 4 4-4 4-4-4z", class: "cut" }]],
  },
  deny: {
    colour: "deny",
    parts: [
      edge(),
      ["circle", { cx: 12, cy: 8, r: 4.2, class: "cut" }],
      ["path", { d: "m10.4 6.4 3.2 3.2m0-3.2-3.2 3.2" }],
    ],
  },
  unread: { colour: "unknown", parts: [edge()] },
  default: { colour: "allow", parts: [edge({ "stroke-width": 0.9, opacity: 0.75 })] },
  declared: { colour: "allow", parts: [edge()] },
  intention: {
    colour: "allow",
    parts: [edge({ "stroke-dasharray": "0.1 3.4", "stroke-linecap": "round", "stroke-width": 2 })],
  },
  observed: { colour: "allow", parts: [edge({ "stroke-dasharray": "6 2.4" })] },
  silent: { colour: "allow", parts: [edge({ "stroke-dasharray": "2.4 4", "stroke-width": 1.1, opacity: 0.7 })] },
  failing: {
    colour: "critical",
    parts: [
      ["path", { d: "m12 1.6 6.4 11.8H5.6z", class: "filled" }],
      ["path", { d: "M12 5.6v3.6m0 1.5v1", class: "on", "stroke-width": 1.4 }],
    ],
  },
  attempted: {
    colour: "critical",
    parts: [
      ["circle", { cx: 12, cy: 8, r: 6, class: "filled" }],
      ["path", { d: "m9.8 5.8 4.4 4.4m0-4.4-4.4 4.4", class: "on", "stroke-width": 1.5 }],
    ],
  },
  flow: {
    colour: "flow",
    parts: [
      ["path", { d: "M1 8h22", "stroke-width": 1, opacity: 0.5 }],
      ["circle", { cx: 5, cy: 8, r: 2, class: "filled" }],
      ["path", { d: "m11 4.6 3.4 3.4L11 11.4 7.6 8z", class: "filled alarm" }],
      ["circle", { cx: 18.5, cy: 8, r: 2, class: "filled" }],
    ],
  },
  plaintext: {
    colour: "allow",
    parts: [
      edge(),
      ["rect", { x: 8, y: 7, width: 8, height: 5.6, rx: 1.2, class: "filled cut" }],
      ["path", { d: "M13.4 7V5a2.2 2.2 0 0 1 4.4 0v.6", "stroke-width": 1.3 }],
    ],
  },
};

export function swatch(entry: string): SVGSVGElement {
  const { colour, parts } = SHAPES[entry] ?? { colour: "unknown", parts: [] };
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", "0 0 24 16");
  drawing.setAttribute("class", `graph-swatch ${colour}`);
  drawing.setAttribute("aria-hidden", "true");
  for (const [tag, attributes] of parts) {
    const shape = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, String(value));
    drawing.append(shape);
  }
  return drawing;
}
