// <traffic-chart data-shows="rate|latency|bytes"> draws what #traffic-points holds: the server
// changes that every few seconds, and the chart takes the new points without being made anew.
// The table below the charts says the same in words.
import uPlot from "uplot";

import { element } from "./dom";

type Points = Record<string, (number | null)[]>;

interface Line {
  column: string;
  label: string;
  colour: string;
  dash?: number[];
  isFilled?: boolean;
}

interface Shows {
  lines: Line[];
  says: (value: number) => string;
}

const HEIGHT_PX = 150;
const FILL_ALPHA = 0.14;

function three(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function scaled(value: number, steps: readonly (readonly [number, string])[]): string {
  const [by, unit] = steps.find(([least]) => value >= least) ?? [1, steps.at(-1)?.[1] ?? ""];
  return `${three(value / by)}${unit}`;
}

const SECONDS = [[1_000, " s"], [1, " ms"]] as const;
const BYTES = [[1e9, " GB"], [1e6, " MB"], [1e3, " kB"], [1, " B"]] as const;
const COUNT = [[1e6, "M"], [1e4, "k"], [1, ""]] as const;

// Lines of one chart differ by their dashes too, for who cannot tell the colours apart.
const KINDS: Record<string, Shows> = {
  rate: {
    lines: [
      { column: "rate", label: "Calls", colour: "--brand-text", isFilled: true },
      { column: "errors", label: "Errors", colour: "--critical", dash: [6, 3] },
      { column: "denied", label: "Denied", colour: "--warning", dash: [2, 3] },
    ],
    says: (value) => (value >= 1e4 ? scaled(value, COUNT) : three(value)),
  },
  latency: {
    lines: [
      { column: "p50", label: "p50", colour: "--passing" },
      { column: "p95", label: "p95", colour: "--brand-text", dash: [6, 3] },
      { column: "p99", label: "p99", colour: "--planned", dash: [2, 3] },
    ],
    says: (value) => (value >= 1_000 ? scaled(value, SECONDS) : `${three(value)} ms`),
  },
  bytes: {
    lines: [{ column: "bytes", label: "Bytes", colour: "--passing", isFilled: true }],
    says: (value) => (value >= 1_000 ? scaled(value, BYTES) : `${three(value)} B`),
  },
};

class TrafficChart extends HTMLElement {
  #plot: uPlot | undefined;
  #said: HTMLElement | undefined;
  readonly #sizes = new ResizeObserver(() => this.#fit());

  connectedCallback(): void {
    this.tabIndex = 0;
    this.setAttribute("role", "group");
    this.setAttribute("aria-label", `${this.previousElementSibling?.textContent ?? ""}; the arrow keys read it out`);
    this.#draw();
    this.#sizes.observe(this);
    this.addEventListener("keydown", this.#walk);
    this.addEventListener("blur", this.#leave);
    document.addEventListener("tulle:page", this.#follow);
    document.addEventListener("tulle:display", this.#redraw);
  }

  disconnectedCallback(): void {
    this.#sizes.disconnect();
    this.removeEventListener("keydown", this.#walk);
    this.removeEventListener("blur", this.#leave);
    document.removeEventListener("tulle:page", this.#follow);
    document.removeEventListener("tulle:display", this.#redraw);
    this.#plot?.destroy();
    this.#plot = undefined;
  }

  get #shows(): Shows | undefined {
    return KINDS[this.dataset["shows"] ?? ""];
  }

  #draw(): void {
    const shows = this.#shows;
    const data = this.#data();
    if (!shows || !data) return;
    this.#plot?.destroy();
    this.replaceChildren();
    this.#plot = new uPlot(this.#options(shows), data, this);
    this.#said = element("span", { class: "visually-hidden", "aria-live": "polite" });
    this.append(this.#said);
  }

  #data(): uPlot.AlignedData | null {
    const text = document.getElementById("traffic-points")?.dataset["points"];
    const shows = this.#shows;
    if (!text || !shows) return null;
    const points = JSON.parse(text) as Points;
    const at = (points["at"] ?? []).map(Number);
    return [at, ...shows.lines.map(({ column }) => points[column] ?? [])];
  }

  #options({ lines, says }: Shows): uPlot.Options {
    const axis = { stroke: this.#colour("--muted"), grid: { stroke: this.#colour("--line"), width: 1 }, ticks: { show: false } };
    const font = `11px ${getComputedStyle(this).fontFamily}`;
    const value = (_plot: uPlot, read: number | null) => (read === null ? "–" : says(read));
    return {
      width: Math.max(this.clientWidth, 120),
      height: HEIGHT_PX,
      cursor: { sync: { key: "traffic" }, drag: { x: false, y: false }, y: false },
      scales: { y: { range: (_plot, _least, most) => [0, Math.max(most * 1.1, 1)] } },
      axes: [
        { ...axis, font, size: 28, space: 60, values: (_plot, splits) => splits.map((each) => clock(each).slice(0, 5)) },
        { ...axis, font, size: 58, space: 34, values: (_plot, splits) => splits.map((each) => says(each)) },
      ],
      series: [
        { label: "At", value: (_plot: uPlot, at: number | null) => (at === null ? "–" : clock(at)) },
        ...lines.map((line) => ({
          label: line.label,
          stroke: this.#colour(line.colour),
          width: 1.5,
          points: { show: false },
          ...(line.dash && { dash: line.dash }),
          ...(line.isFilled && { fill: faded(this.#colour(line.colour)) }),
          value,
        })),
      ],
    };
  }

  /** light-dark() is decided where it is used: so the colour is read from an element that has it. */
  #colour(token: string): string {
    const probe = element("span", { hidden: "" });
    probe.style.color = `var(${token})`;
    this.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  }

  #fit(): void {
    if (this.#plot && this.clientWidth) this.#plot.setSize({ width: this.clientWidth, height: HEIGHT_PX });
  }

  readonly #follow = (): void => {
    const data = this.#data();
    if (data && this.#plot) this.#plot.setData(data);
    else if (data) this.#draw();
  };

  readonly #redraw = (): void => this.#draw();

  readonly #leave = (): void => this.#plot?.setCursor({ left: -10, top: -10 });

  readonly #walk = (event: KeyboardEvent): void => {
    const plot = this.#plot;
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!plot || by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const at = plot.data[0];
    const from = plot.cursor.idx ?? (by > 0 ? -1 : at.length);
    const index = Math.min(at.length - 1, Math.max(0, from + by));
    const moment = at[index];
    if (moment === undefined) return;
    plot.setCursor({ left: plot.valToPos(moment, "x"), top: 0 });
    if (this.#said) this.#said.textContent = this.#sentence(plot, index, moment);
  };

  #sentence(plot: uPlot, index: number, moment: number): string {
    const shows = this.#shows;
    const read = (shows?.lines ?? []).map(({ label }, line) => {
      const value = plot.data[line + 1]?.[index];
      return `${label} ${typeof value === "number" && shows ? shows.says(value) : "not known"}`;
    });
    return `${clock(moment)}: ${read.join(", ")}`;
  }
}

function clock(at: number): string {
  return new Date(at * 1_000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
}

function faded(colour: string): string {
  return colour.replace(/^rgb\((.*)\)$/, `rgba($1, ${FILL_ALPHA})`);
}

customElements.define("traffic-chart", TrafficChart);
