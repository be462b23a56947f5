// Draws vertices: a body, and a ring whose shape says the health as much as its colour does.
import { NodeProgram } from "sigma/rendering";
import type { ProgramInfo } from "sigma/rendering";
import type { NodeDisplayData, RenderParams } from "sigma/types";
import type Sigma from "sigma";
import { type Frame, setColours, setShared, SHARED_GLSL, SHARED_UNIFORMS } from "./frame";
import type { SigmaVertex } from "./looks";
import { FRAGMENT, VERTEX } from "./vertices.glsl";

const COLOURS = [
  "u_passing",
  "u_warning",
  "u_critical",
  "u_unknown",
  "u_body",
  "u_ground",
  "u_accent",
  "u_found",
] as const;
const UNIFORMS = [...SHARED_UNIFORMS, ...COLOURS, "u_glow"] as const;
const { FLOAT } = WebGLRenderingContext;

const DEFINITION = {
  VERTICES: 4,
  METHOD: WebGLRenderingContext.TRIANGLE_STRIP,
  VERTEX_SHADER_SOURCE: SHARED_GLSL + VERTEX,
  FRAGMENT_SHADER_SOURCE: SHARED_GLSL + FRAGMENT,
  UNIFORMS,
  ATTRIBUTES: [
    { name: "a_at", size: 2, type: FLOAT },
    { name: "a_radius", size: 1, type: FLOAT },
    { name: "a_shape", size: 1, type: FLOAT },
    { name: "a_health", size: 1, type: FLOAT },
    { name: "a_shares", size: 3, type: FLOAT },
    { name: "a_flags", size: 1, type: FLOAT },
    { name: "a_times", size: 2, type: FLOAT },
  ],
  CONSTANT_ATTRIBUTES: [{ name: "a_corner", size: 2, type: FLOAT }],
  CONSTANT_DATA: [
    [-1, -1],
    [1, -1],
    [-1, 1],
    [1, 1],
  ],
};

export function vertexProgram(frame: Frame) {
  return class extends NodeProgram<(typeof UNIFORMS)[number]> {
    // No picking buffer: what is under the pointer is found without drawing all of it a second time.
    constructor(gl: WebGLRenderingContext, _picking: WebGLFramebuffer | null, renderer: Sigma) {
      super(gl, null, renderer);
    }

    getDefinition() {
      return DEFINITION;
    }

    processVisibleItem(_index: number, start: number, shown: NodeDisplayData): void {
      const look = shown as SigmaVertex;
      this.array.set(
        [
          look.x,
          look.y,
          look.radius,
          look.shape,
          look.health,
          ...look.shares,
          look.flags,
          look.born,
          look.turned,
        ],
        start,
      );
    }

    setUniforms(params: RenderParams, { gl, uniformLocations }: ProgramInfo): void {
      const { palette } = frame;
      setShared(gl, uniformLocations, params, frame);
      setColours(gl, uniformLocations, {
        u_passing: palette.passing,
        u_warning: palette.warning,
        u_critical: palette.critical,
        u_unknown: palette.unknown,
        u_body: palette.body,
        u_ground: palette.ground,
        u_accent: palette.accent,
        u_found: palette.found,
      });
      gl.uniform1f(uniformLocations.u_glow ?? null, palette.glow);
    }
  };
}
