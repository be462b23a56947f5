// What all shaders of one picture share: its colours, its moment and how much of it is dimmed.
import type { Palette } from "../palette";
import type { RenderParams } from "sigma/types";

export interface Frame {
  palette: Palette;
  /** Seconds since the picture began. */
  time: number;
  /** How far what is not lit steps back, 0 to 1. */
  dim: number;
}

/** Framed units of sigma's for one unit of the layout; its y runs upward, the layout's downward. */
export const WORLD = 1000;
/** Below this scale vertices shrink no further, so that none is lost to the eye, until they would cover one another. */
const SMALL = 0.19;
const ENLARGED = 2.2;

export const framedX = (x: number): number => 0.5 + x / WORLD;
export const framedY = (y: number): number => 0.5 - y / WORLD;

export const scaleOf = (params: Pick<RenderParams, "width" | "height" | "zoomRatio">): number =>
  Math.min(params.width, params.height) / (params.zoomRatio * WORLD);

export const screenRadius = (radius: number, scale: number): number =>
  radius * Math.max(scale, Math.min(SMALL, scale * ENLARGED));

export const SHARED_UNIFORMS = [
  "u_matrix",
  "u_viewport",
  "u_pixelRatio",
  "u_scale",
  "u_time",
  "u_dim",
] as const;

/** Bits of `flags`, the same in attributes and shaders. */
export const FLAG = {
  lit: 1,
  selected: 2,
  found: 4,
  hollow: 8,
  pinned: 16,
  dotted: 32,
  faint: 64,
  plaintext: 128,
  dashed: 256,
  silent: 512,
} as const;

const FLAG_NAMES = Object.keys(FLAG) as (keyof typeof FLAG)[];

export function flagsOf(set: Partial<Record<keyof typeof FLAG, boolean>>): number {
  let flags = 0;
  for (const name of FLAG_NAMES) if (set[name]) flags += FLAG[name];
  return flags;
}

const FLAGS_GLSL = Object.entries(FLAG)
  .map(([name, flag]) => `const float ${name.toUpperCase()} = ${flag.toFixed(1)};`)
  .join("\n");

export const RADIUS_GLSL = /* glsl */ `
  float screenRadius(float radius) { return radius * max(u_scale, min(${SMALL}, u_scale * ${ENLARGED})); }
`;

export const SHARED_GLSL = /* glsl */ `
  precision highp float;
  ${FLAGS_GLSL}
  uniform mat3 u_matrix;
  uniform vec2 u_viewport;
  uniform float u_pixelRatio;
  uniform float u_scale;
  uniform float u_time;
  uniform float u_dim;

  vec2 onScreen(vec2 at) { return (u_matrix * vec3(at, 1.0)).xy * u_viewport * 0.5; }
  vec4 placed(vec2 at) { return vec4(at / (u_viewport * 0.5), 0.0, 1.0); }
  ${RADIUS_GLSL}
  float cover(float distance) { return clamp(0.5 - distance * u_pixelRatio, 0.0, 1.0); }
  vec4 over(vec4 under, vec3 colour, float alpha) { return vec4(colour * alpha, alpha) + under * (1.0 - alpha); }
  // Half a bit more: what is interpolated over a triangle may be a hair less than it was.
  bool has(float flags, float flag) { return mod(floor((flags + 0.5) / flag), 2.0) > 0.5; }
  float arrived(float since) { return clamp((u_time - since) / 0.7, 0.0, 1.0); }
  float pulse(float since) {
    float age = (u_time - since) / 1.8;
    return age < 0.0 || age > 1.0 ? 0.0 : (1.0 - age) * (0.6 + 0.4 * cos(age * 18.8));
  }
`;

export function setShared(
  gl: WebGLRenderingContext,
  locations: Partial<Record<string, WebGLUniformLocation>>,
  params: RenderParams,
  frame: Frame,
): void {
  const at = (name: string): WebGLUniformLocation | null => locations[name] ?? null;
  gl.uniformMatrix3fv(at("u_matrix"), false, params.matrix);
  gl.uniform2f(at("u_viewport"), params.width, params.height);
  gl.uniform1f(at("u_pixelRatio"), params.pixelRatio);
  gl.uniform1f(at("u_scale"), scaleOf(params));
  gl.uniform1f(at("u_time"), frame.time);
  gl.uniform1f(at("u_dim"), frame.dim);
}

export function setColours(
  gl: WebGLRenderingContext,
  locations: Partial<Record<string, WebGLUniformLocation>>,
  colours: Partial<Record<string, readonly [number, number, number]>>,
): void {
  for (const [name, colour] of Object.entries(colours)) {
    if (colour) gl.uniform3f(locations[name] ?? null, ...colour);
  }
}
