// The shaders of what moves along edges. One instance is one edge; its points are its dots first and its two marks at
// the end. Where a dot is follows from the time alone. Distances are CSS pixels, y downward.
import { RADIUS_GLSL } from "../gl/frame";

export const FLOW_VERTEX = /* glsl */ `#version 300 es
  precision highp float;
  in vec4 a_start;
  in vec4 a_end;
  in vec2 a_radii;
  // How many dots it has, ways a second, where the first is, and the share of errors.
  in vec4 a_flow;
  // Strength of the dots, whether requests fail, whether attempts are denied.
  in vec3 a_marks;
  in float a_lit;
  uniform vec3 u_camera;
  uniform vec2 u_viewport;
  uniform float u_pixelRatio;
  uniform float u_time;
  uniform float u_dim;
  uniform float u_dots;
  uniform float u_few;
  uniform bool u_isCalm;
  flat out float v_kind;
  flat out float v_size;
  flat out float v_alpha;
  flat out vec2 v_heading;

  const float DOT = 0.0, DIAMOND = 1.0, CHEVRON = 2.0, FAILING = 3.0, DENIED = 4.0;
  /** Pixels between two dots, at least. */
  const float SPACING = 11.0;
  float u_scale;
  vec2 p0, p1, p2, p3;

  ${RADIUS_GLSL}
  vec2 onScreen(vec2 at) { return (at - u_camera.xy) * u_scale; }
  vec2 towards(vec2 from, vec2 to) { vec2 way = to - from; return way / max(length(way), 0.0001); }
  vec2 along(float t) {
    float r = 1.0 - t;
    return r * r * r * p0 + 3.0 * r * r * t * p1 + 3.0 * r * t * t * p2 + t * t * t * p3;
  }
  vec2 heading(float t) {
    float r = 1.0 - t;
    vec2 d = r * r * (p1 - p0) + 2.0 * r * t * (p2 - p1) + t * t * (p3 - p2);
    return d / max(length(d), 0.0001);
  }
  void nothing() { gl_Position = vec4(2.0, 2.0, 2.0, 1.0); gl_PointSize = 1.0; v_alpha = 0.0; }
  void put(vec2 at, float reach) {
    gl_Position = vec4(at.x / (u_viewport.x * 0.5), -at.y / (u_viewport.y * 0.5), 0.0, 1.0);
    gl_PointSize = 2.0 * (reach + 2.0) * u_pixelRatio;
  }

  void main() {
    u_scale = u_camera.z;
    p0 = onScreen(a_start.xy); p1 = onScreen(a_start.zw);
    p2 = onScreen(a_end.xy); p3 = onScreen(a_end.zw);
    p0 += towards(p0, p1) * (screenRadius(a_radii.x) + 1.5);
    p3 += towards(p3, p2) * (screenRadius(a_radii.y) + 3.0);
    float room = 0.5 * (length(p3 - p0) + length(p1 - p0) + length(p2 - p1) + length(p3 - p2));
    float which = float(gl_VertexID);
    float strength = mix(1.0 - 0.86 * u_dim, 1.0, a_lit);
    v_heading = vec2(1.0, 0.0);
    v_kind = DOT; v_size = 1.0; v_alpha = 0.0;
    bool isOfGroup = min(a_radii.x, a_radii.y) > 39.0;

    if (which >= u_dots) {
      bool isDenied = which > u_dots;
      bool isMarked = isDenied ? a_marks.z > 0.0 : a_marks.y > 0.0;
      float size = clamp(4.2 + 3.0 * u_scale, 4.6, 8.0);
      float shown = isOfGroup || a_lit > 0.5 && u_dim > 0.3 ? 1.0 : smoothstep(0.12, 0.26, u_scale);
      if (!isMarked || room < size * 4.0 || shown <= 0.0) { nothing(); return; }
      v_kind = isDenied ? DENIED : FAILING;
      v_size = size;
      v_alpha = strength * shown;
      // Beside one another where there are both, and not on the mark of the verdict in the middle.
      float apart = min(size * 2.6 / room, 0.2);
      put(along(isDenied ? 0.72 + apart * 0.5 : 0.72 - (a_marks.z > 0.0 ? apart * 0.5 : 0.0)), size);
      return;
    }

    float count = min(min(a_flow.x, room / SPACING), isOfGroup ? u_dots : min(u_dots, u_few));
    if (which >= ceil(count) || a_marks.x <= 0.0) { nothing(); return; }
    // The last one is as faint as it is a part, so that none appears of a sudden.
    float part = clamp(count - which, 0.0, 1.0);
    bool isError = a_flow.w > 0.0 && which < max(1.0, floor(a_flow.w * count + 0.5));
    // By the golden section each next dot falls into the widest gap: those that are there stay where they are.
    float t = u_isCalm ? (which + 0.5) / ceil(count) : fract(which * 0.6180340 + a_flow.z + u_time * a_flow.y);
    float ends = u_isCalm ? 1.0 : smoothstep(0.0, 0.05, t) * (1.0 - smoothstep(0.95, 1.0, t));
    float size = clamp(1.5 + 1.5 * u_scale, 1.5, 3.2) * (isOfGroup ? 1.25 : 1.0);
    float far = isOfGroup ? 1.0 : mix(0.55, 1.0, smoothstep(0.08, 0.35, u_scale));
    v_kind = isError ? DIAMOND : u_isCalm ? CHEVRON : DOT;
    v_size = isError ? size * 1.7 : u_isCalm ? size * 1.5 : size;
    v_heading = heading(t);
    v_alpha = strength * part * ends * far * a_marks.x;
    put(along(t), v_size * 1.5);
  }
`;

export const FLOW_FRAGMENT = /* glsl */ `#version 300 es
  precision highp float;
  uniform vec3 u_flow;
  uniform vec3 u_deny;
  uniform vec3 u_ground;
  uniform float u_pixelRatio;
  flat in float v_kind;
  flat in float v_size;
  flat in float v_alpha;
  flat in vec2 v_heading;
  out vec4 colour;

  float cover(float distance) { return clamp(0.5 - distance * u_pixelRatio, 0.0, 1.0); }
  vec4 over(vec4 under, vec3 tone, float alpha) { return vec4(tone * alpha, alpha) + under * (1.0 - alpha); }

  float triangle(vec2 at, float radius) {
    const float k = 1.7320508;
    at.x = abs(at.x) - radius;
    at.y = at.y + radius / k;
    if (at.x + k * at.y > 0.0) at = vec2(at.x - k * at.y, -k * at.x - at.y) / 2.0;
    at.x -= clamp(at.x, -2.0 * radius, 0.0);
    return -length(at) * sign(at.y);
  }

  vec4 haloed(float edge, vec3 tone) {
    return over(over(vec4(0.0), u_ground, 0.75 * cover(edge - 1.0)), tone, cover(edge));
  }

  void main() {
    float reach = v_kind > 2.5 ? v_size : v_size * 1.5;
    vec2 at = (gl_PointCoord - 0.5) * 2.0 * (reach + 2.0);
    if (v_kind < 0.5) {
      colour = haloed(length(at) - v_size, u_flow);
    } else if (v_kind < 1.5) {
      colour = haloed((abs(at.x) + abs(at.y) - v_size * 1.2) * 0.7071, u_deny);
    } else if (v_kind < 2.5) {
      // Its tip points where the calls go.
      vec2 turned = vec2(dot(at, v_heading), dot(at, vec2(-v_heading.y, v_heading.x)));
      float stroke = max(v_size * 0.26, 0.7);
      colour = haloed(max(abs(turned.x - v_size * 0.5 + abs(turned.y)) * 0.7071 - stroke, abs(turned.y) - v_size), u_flow);
    } else if (v_kind < 3.5) {
      vec2 up = vec2(at.x, -at.y - v_size * 0.12);
      float edge = triangle(up, v_size * 0.84) - v_size * 0.2;
      vec4 drawn = over(over(vec4(0.0), u_ground, cover(edge - 1.5)), u_deny, cover(edge));
      vec2 stroke = vec2(abs(up.x), up.y - v_size * 0.06);
      float bang = max(stroke.x - v_size * 0.12, abs(stroke.y) - v_size * 0.34);
      float point = length(up + vec2(0.0, v_size * 0.46)) - v_size * 0.14;
      colour = over(drawn, u_ground, cover(min(bang, point)));
    } else {
      vec4 drawn = over(over(vec4(0.0), u_ground, cover(length(at) - v_size - 1.5)), u_deny, cover(length(at) - v_size));
      vec2 diagonal = abs(vec2(at.x + at.y, at.x - at.y) * 0.7071);
      colour = over(drawn, u_ground, cover(max(min(diagonal.x, diagonal.y) - v_size * 0.17, max(diagonal.x, diagonal.y) - v_size * 0.6)));
    }
    colour *= v_alpha;
  }
`;
