// What moves with traffic: one canvas between edges and vertices, drawn with the same lens. All dots are one call to
// the GPU, and nothing is done for each of them here.
import type { Lens } from "../lens";
import type { Palette } from "../palette";
import type { Scene } from "../scene";
import { FLOW_FRAGMENT, FLOW_VERTEX } from "./flow.glsl";
import type { Loads } from "./loads";
import { FLOATS, MOST_DOTS, Streaming } from "./stream";

const MARKS = 2;
const ATTRIBUTES = [
  ["a_start", 4],
  ["a_end", 4],
  ["a_radii", 2],
  ["a_flow", 4],
  ["a_marks", 3],
] as const;
const UNIFORMS = [
  "u_camera",
  "u_viewport",
  "u_pixelRatio",
  "u_time",
  "u_dim",
  "u_dots",
  "u_few",
  "u_isCalm",
  "u_flow",
  "u_deny",
  "u_ground",
] as const;
/** Seen from afar, fewer dots on each edge between two services say as much. */
const FEWER: readonly (readonly [scale: number, dots: number])[] = [
  [0.1, 1],
  [0.2, 2],
  [0.32, 6],
];
/** With more edges than this, every second frame will do, and fewer dots. */
export const MANY = 600;
const HALF_MS = 28;

function compiled(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram();
  for (const [type, source] of [
    [gl.VERTEX_SHADER, FLOW_VERTEX],
    [gl.FRAGMENT_SHADER, FLOW_FRAGMENT],
  ] as const) {
    const shader = gl.createShader(type)!;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  // Asking for a log stops the pipeline, so it is asked for only where there is something to say.
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost())
    throw new Error(`the traffic cannot be drawn: ${gl.getProgramInfoLog(program)}`);
  return program;
}

export interface Moment {
  palette: Palette;
  /** In seconds of the picture. */
  time: number;
  dim: number;
  isCalm: boolean;
}

export class Flow {
  private readonly program: WebGLProgram;
  private readonly streams: WebGLBuffer;
  private readonly lights: WebGLBuffer;
  private readonly streaming = new Streaming();
  private readonly at: (uniform: (typeof UNIFORMS)[number]) => WebGLUniformLocation | null;
  private keys: readonly string[] = [];
  private dots = 0;
  private since = 0;
  private drawnAt = 0;

  static on(canvas: HTMLCanvasElement, lens: Lens): Flow | null {
    const gl = canvas.getContext("webgl2", { antialias: false, preserveDrawingBuffer: false });
    return gl && new Flow(canvas, gl, lens);
  }

  private constructor(
    readonly canvas: HTMLCanvasElement,
    private readonly gl: WebGL2RenderingContext,
    private readonly lens: Lens,
  ) {
    this.program = compiled(gl);
    const places = new Map(UNIFORMS.map((name) => [name, gl.getUniformLocation(this.program, name)]));
    this.at = (uniform) => places.get(uniform) ?? null;
    [this.streams, this.lights] = [gl.createBuffer(), gl.createBuffer()];
    gl.useProgram(this.program);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.streams);
    let offset = 0;
    for (const [name, size] of ATTRIBUTES) {
      this.attribute(name, size, FLOATS * 4, offset);
      offset += size * 4;
    }
    gl.bindBuffer(gl.ARRAY_BUFFER, this.lights);
    this.attribute("a_lit", 1, 4, 0);
  }

  private attribute(name: string, size: number, stride: number, offset: number): void {
    const { gl } = this;
    const place = gl.getAttribLocation(this.program, name);
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, size, gl.FLOAT, false, stride, offset);
    gl.vertexAttribDivisor(place, 1);
  }

  get isIdle(): boolean {
    return this.keys.length === 0;
  }

  resize(width: number, height: number, pixelRatio: number): void {
    this.canvas.width = width * pixelRatio;
    this.canvas.height = height * pixelRatio;
  }

  /** As of `now`, in seconds of the picture. */
  learn(scene: Scene, loads: Loads, now: number, lit: ReadonlySet<string>): void {
    const { keys, values, dots } = this.streaming.at(scene, loads, now);
    [this.keys, this.dots, this.since] = [keys, dots, now];
    const { gl } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.streams);
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.DYNAMIC_DRAW);
    this.light(lit);
  }

  light(lit: ReadonlySet<string>): void {
    const { gl } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.lights);
    const lights = Float32Array.from(this.keys, (key) => (lit.has(key) ? 1 : 0));
    gl.bufferData(gl.ARRAY_BUFFER, lights, gl.DYNAMIC_DRAW);
  }

  /** Whether the next frame may be left out: nothing but the dots has moved. */
  mayWait(): boolean {
    return this.keys.length > MANY && performance.now() - this.drawnAt < HALF_MS;
  }

  draw({ palette, time, dim, isCalm }: Moment): void {
    const { gl, at, lens } = this;
    this.drawnAt = performance.now();
    gl.viewport(0, 0, this.canvas.width, this.canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    if (!this.keys.length) return;
    const { x, y, scale } = lens.camera();
    const most = FEWER.find(([upTo]) => scale < upTo)?.[1] ?? MOST_DOTS;
    const dots = Math.min(this.keys.length > MANY ? most : MOST_DOTS, this.dots);
    gl.uniform3f(at("u_camera"), x, y, scale);
    gl.uniform2f(at("u_viewport"), lens.width(), lens.height());
    gl.uniform1f(at("u_pixelRatio"), this.canvas.width / Math.max(lens.width(), 1));
    gl.uniform1f(at("u_time"), time - this.since);
    gl.uniform1f(at("u_dim"), dim);
    gl.uniform1f(at("u_dots"), dots);
    gl.uniform1f(at("u_few"), most);
    gl.uniform1i(at("u_isCalm"), isCalm ? 1 : 0);
    gl.uniform3f(at("u_flow"), ...palette.flow);
    gl.uniform3f(at("u_deny"), ...palette.deny);
    gl.uniform3f(at("u_ground"), ...palette.ground);
    gl.drawArraysInstanced(gl.POINTS, 0, dots + MARKS, this.keys.length);
  }
}
