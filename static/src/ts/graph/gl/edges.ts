// Draws edges: lines first, then arrow heads, the marks of denied and conditional calls and the open locks on top.
import { createEdgeCompoundProgram, EdgeProgram, type ProgramInfo } from "sigma/rendering";
import type { EdgeDisplayData, NodeDisplayData, RenderParams } from "sigma/types";
import type Sigma from "sigma";
import { LINE_FRAGMENT, LINE_VERTEX, MARK_FRAGMENT, MARK_VERTEX } from "./edges.glsl";
import { type Frame, setColours, setShared, SHARED_GLSL, SHARED_UNIFORMS } from "./frame";
import type { SigmaEdge } from "./looks";

const UNIFORMS = [
  ...SHARED_UNIFORMS,
  "u_allow",
  "u_deny",
  "u_conditional",
  "u_unread",
  "u_ground",
  "u_rest",
] as const;
const { FLOAT, TRIANGLES, TRIANGLE_STRIP } = WebGLRenderingContext;
/** Straight pieces of a curve: a long edge fills the screen where it is seen from close by. */
const STEPS = { edge: 20, long: 96 } as const;

const ATTRIBUTES = [
  { name: "a_start", size: 4, type: FLOAT },
  { name: "a_end", size: 4, type: FLOAT },
  { name: "a_radii", size: 2, type: FLOAT },
  { name: "a_line", size: 4, type: FLOAT },
  { name: "a_flags", size: 1, type: FLOAT },
  { name: "a_times", size: 2, type: FLOAT },
];

const linePoints = (steps: number): number[][] =>
  Array.from({ length: (steps + 1) * 2 }, (_, i) => [Math.floor(i / 2) / steps, i % 2 ? 1 : -1]);
const CORNERS: [number, number][] = [
  [-1, -1],
  [1, -1],
  [-1, 1],
  [-1, 1],
  [1, -1],
  [1, 1],
];
const MARK_CORNERS = [0, 1, 2].flatMap((which) => CORNERS.map(([x, y]) => [x, y, which]));

interface Drawing {
  method: number;
  vertexShader: string;
  fragmentShader: string;
  constant: { name: string; size: number; type: number };
  constants: number[][];
}

function program(frame: Frame, drawing: Drawing) {
  const definition = {
    VERTICES: drawing.constants.length,
    METHOD: drawing.method,
    VERTEX_SHADER_SOURCE: SHARED_GLSL + drawing.vertexShader,
    FRAGMENT_SHADER_SOURCE: SHARED_GLSL + drawing.fragmentShader,
    UNIFORMS,
    ATTRIBUTES,
    CONSTANT_ATTRIBUTES: [drawing.constant],
    CONSTANT_DATA: drawing.constants,
  };
  return class extends EdgeProgram<(typeof UNIFORMS)[number]> {
    constructor(gl: WebGLRenderingContext, _picking: WebGLFramebuffer | null, renderer: Sigma) {
      super(gl, null, renderer);
    }

    getDefinition() {
      return definition;
    }

    processVisibleItem(
      _index: number,
      start: number,
      _source: NodeDisplayData,
      _destination: NodeDisplayData,
      shown: EdgeDisplayData,
    ): void {
      const { way, radii, shares, width, flags, born, turned } = shown as SigmaEdge;
      this.array.set([...way, ...radii, ...shares, width, flags, born, turned], start);
    }

    setUniforms(params: RenderParams, { gl, uniformLocations }: ProgramInfo): void {
      const { palette } = frame;
      setShared(gl, uniformLocations, params, frame);
      setColours(gl, uniformLocations, {
        u_allow: palette.allow,
        u_deny: palette.deny,
        u_conditional: palette.conditional,
        u_unread: palette.unknown,
        u_ground: palette.ground,
      });
      gl.uniform1f(uniformLocations.u_rest ?? null, palette.rest);
    }
  };
}

export function edgeProgram(frame: Frame, type: keyof typeof STEPS) {
  const line = program(frame, {
    method: TRIANGLE_STRIP,
    vertexShader: LINE_VERTEX,
    fragmentShader: LINE_FRAGMENT,
    constant: { name: "a_point", size: 2, type: FLOAT },
    constants: linePoints(STEPS[type]),
  });
  const marks = program(frame, {
    method: TRIANGLES,
    vertexShader: MARK_VERTEX,
    fragmentShader: MARK_FRAGMENT,
    constant: { name: "a_mark", size: 3, type: FLOAT },
    constants: MARK_CORNERS,
  });
  return createEdgeCompoundProgram([line, marks]);
}
