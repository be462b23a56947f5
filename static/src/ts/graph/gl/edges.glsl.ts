// The shaders of an edge: its line, and the marks on it. Distances are CSS pixels, y upward.

const WAY = /* glsl */ `
  attribute vec4 a_start;
  attribute vec4 a_end;
  attribute vec2 a_radii;
  attribute vec4 a_line;
  attribute float a_flags;
  attribute vec2 a_times;

  vec2 p0, p1, p2, p3;

  float lineWidth() { return a_line.w * clamp(0.62 + 0.42 * u_scale, 0.66, 1.7); }
  float arrowLength() { return u_scale < 0.16 ? 0.0 : clamp(lineWidth() * 2.2 + 3.6 * u_scale, 4.0, 13.0); }
  vec2 towards(vec2 from, vec2 to) { vec2 way = to - from; return way / max(length(way), 0.0001); }

  void lay() {
    p0 = onScreen(a_start.xy); p1 = onScreen(a_start.zw);
    p2 = onScreen(a_end.xy); p3 = onScreen(a_end.zw);
    p0 += towards(p0, p1) * (screenRadius(a_radii.x) + 1.5);
    p3 += towards(p3, p2) * (screenRadius(a_radii.y) + 3.0);
  }
  vec2 along(float t) {
    float r = 1.0 - t;
    return r * r * r * p0 + 3.0 * r * r * t * p1 + 3.0 * r * t * t * p2 + t * t * t * p3;
  }
  vec2 heading(float t) {
    float r = 1.0 - t;
    vec2 d = r * r * (p1 - p0) + 2.0 * r * t * (p2 - p1) + t * t * (p3 - p2);
    return d / max(length(d), 0.0001);
  }
  float presence() {
    float lit = has(a_flags, LIT) || has(a_flags, SELECTED) || has(a_flags, FOUND) ? 1.0 : 0.0;
    return arrived(a_times.x) * mix(1.0 - 0.82 * u_dim, 1.0, lit);
  }
`;

export const LINE_VERTEX = /* glsl */ `
  ${WAY}
  attribute vec2 a_point;
  varying float v_t;
  varying float v_along;
  varying float v_side;
  varying float v_half;
  varying vec3 v_shares;
  varying float v_flags;
  varying float v_alpha;
  varying float v_pulse;

  void main() {
    lay();
    p3 += towards(p3, p2) * arrowLength() * 0.8;
    float t = a_point.x;
    vec2 at = along(t);
    vec2 way = heading(t);
    bool isLit = has(a_flags, LIT) || has(a_flags, SELECTED) || has(a_flags, FOUND);
    v_pulse = pulse(a_times.y);
    v_half = lineWidth() * (has(a_flags, FAINT) ? 0.36 : 0.5) + (has(a_flags, SELECTED) ? 1.1 : isLit ? 0.45 : 0.0) + v_pulse * 2.0;
    float reach = v_half + 1.0;
    v_side = a_point.y * reach;
    v_t = t;
    v_along = t * 0.5 * (length(p3 - p0) + length(p1 - p0) + length(p2 - p1) + length(p3 - p2));
    v_shares = a_line.xyz;
    v_flags = a_flags;
    // Seen from afar, many calls are a texture; those denied still stand out of it, and so do edges between groups.
    float far = min(a_radii.x, a_radii.y) > 39.0 ? 0.85 : mix(a_line.x > 0.0 ? 0.75 : 0.4, 1.0, smoothstep(0.1, 0.45, u_scale));
    v_alpha = presence() * (isLit ? 1.0 : far);
    gl_Position = placed(at + vec2(-way.y, way.x) * v_side);
  }
`;

const COLOUR = /* glsl */ `
  uniform vec3 u_allow;
  uniform vec3 u_deny;
  uniform vec3 u_conditional;
  uniform vec3 u_unread;
  uniform vec3 u_ground;
  uniform float u_rest;

  vec3 verdictColour(vec3 shares, float t) {
    float rest = 1.0 - t;
    if (rest < shares.x) return u_deny;
    if (rest < shares.x + shares.y) return u_conditional;
    return rest < shares.x + shares.y + shares.z ? u_unread : u_allow;
  }
`;

export const LINE_FRAGMENT = /* glsl */ `
  ${COLOUR}
  varying float v_t;
  varying float v_along;
  varying float v_side;
  varying float v_half;
  varying vec3 v_shares;
  varying float v_flags;
  varying float v_alpha;
  varying float v_pulse;

  void main() {
    bool isLit = has(v_flags, LIT) || has(v_flags, SELECTED) || has(v_flags, FOUND);
    float solid = cover(abs(v_side) - v_half);
    if (has(v_flags, DOTTED)) {
      float pitch = max(v_half * 2.0, 1.6) * 2.6;
      vec2 within = vec2((fract(v_along / pitch) - 0.5) * pitch, v_side);
      solid = cover(length(within) - max(v_half, 0.9));
    }
    if (has(v_flags, DASHED) || has(v_flags, SILENT)) {
      bool isSilent = has(v_flags, SILENT);
      float pitch = isSilent ? 9.0 : 12.0 + v_half;
      float filled = isSilent ? 3.4 : pitch * 0.68;
      float within = (fract(v_along / pitch) - 0.5) * pitch;
      solid *= cover(abs(within) - filled * 0.5);
    }
    float alpha = u_rest * (has(v_flags, SILENT) ? 0.7 : 1.0) * (has(v_flags, FAINT) ? 0.62 : 1.0) * (has(v_flags, DOTTED) ? 0.85 : 1.0);
    alpha *= mix(0.55, 1.0, smoothstep(0.0, 0.7, v_t));
    if (isLit) alpha = 1.0;
    vec3 colour = verdictColour(v_shares, v_t);
    gl_FragColor = vec4(colour, 1.0) * solid * max(alpha, v_pulse) * v_alpha;
  }
`;

export const MARK_VERTEX = /* glsl */ `
  ${WAY}
  attribute vec3 a_mark;
  varying vec2 v_at;
  varying float v_which;
  varying float v_size;
  varying vec3 v_shares;
  varying float v_flags;
  varying float v_alpha;

  void main() {
    lay();
    float which = a_mark.z;
    bool isLit = has(a_flags, LIT) || has(a_flags, SELECTED) || has(a_flags, FOUND);
    float size = clamp(3.4 + 3.6 * u_scale, 3.6, 8.5) * (has(a_flags, FAINT) && !isLit ? 0.82 : 1.0) + pulse(a_times.y) * 4.0;
    float room = length(p3 - p0);
    float shown = 1.0;
    float t = 0.5;
    vec2 across = vec2(1.0, 0.0);
    vec2 at;
    if (which < 0.5) {
      size = arrowLength();
      across = heading(1.0);
      at = p3;
    } else if (which < 1.5) {
      bool isMarked = a_line.x + a_line.y > 0.001;
      bool isOfGroup = min(a_radii.x, a_radii.y) > 39.0;
      shown = isMarked ? (isLit || isOfGroup ? 1.0 : smoothstep(0.14, 0.3, u_scale)) : 0.0;
      at = along(t);
    } else {
      bool isMarked = has(a_flags, PLAINTEXT);
      t = a_line.x + a_line.y > 0.001 ? 0.34 : 0.5;
      shown = isMarked ? (isLit ? 1.0 : smoothstep(0.42, 0.62, u_scale)) : 0.0;
      at = along(t);
    }
    if (which > 0.5 && room < size * 3.0) shown = 0.0;
    float reach = shown > 0.0 ? size * 1.7 + 2.0 : 0.0;
    v_at = a_mark.xy * reach;
    v_which = which;
    v_size = size;
    v_shares = a_line.xyz;
    v_flags = a_flags;
    v_alpha = presence() * shown;
    vec2 offset = v_at.x * across + v_at.y * vec2(-across.y, across.x);
    gl_Position = placed(at + offset);
  }
`;

export const MARK_FRAGMENT = /* glsl */ `
  ${COLOUR}
  varying vec2 v_at;
  varying float v_which;
  varying float v_size;
  varying vec3 v_shares;
  varying float v_flags;
  varying float v_alpha;

  float segment(vec2 at, vec2 from, vec2 to) {
    vec2 pa = at - from, ba = to - from;
    return length(pa - ba * clamp(dot(pa, ba) / dot(ba, ba), 0.0, 1.0));
  }

  vec4 arrow(vec3 colour, float alpha) {
    float back = -v_at.x / v_size;
    float edge = max(abs(v_at.y) - back * v_size * 0.46, v_at.x * 1.0);
    edge = max(edge, (back - 1.0 + abs(v_at.y) / v_size * -0.5) * v_size);
    return over(vec4(0.0), colour, cover(edge) * alpha);
  }

  vec4 cross(float size) {
    vec4 drawn = over(vec4(0.0), u_ground, cover(length(v_at) - size - 1.5));
    drawn = over(drawn, u_deny, 0.16 * cover(length(v_at) - size));
    drawn = over(drawn, u_deny, cover(abs(length(v_at) - size + 0.7) - 0.7));
    vec2 diagonal = abs(vec2(v_at.x + v_at.y, v_at.x - v_at.y) * 0.7071);
    return over(drawn, u_deny, cover(max(min(diagonal.x, diagonal.y) - size * 0.14, max(diagonal.x, diagonal.y) - size * 0.56)));
  }

  vec4 diamond(float size) {
    float edge = (abs(v_at.x) + abs(v_at.y) - size * 1.25) * 0.7071;
    vec4 drawn = over(vec4(0.0), u_ground, cover(edge - 1.5));
    drawn = over(drawn, u_conditional, 0.16 * cover(edge));
    drawn = over(drawn, u_conditional, cover(abs(edge + 0.7) - 0.7));
    return over(drawn, u_conditional, cover(length(v_at) - size * 0.26));
  }

  vec4 openLock(float size, vec3 colour) {
    float stroke = max(size * 0.13, 0.75);
    vec4 drawn = over(vec4(0.0), u_ground, cover(length(v_at) - size * 1.25));
    vec2 at = v_at + vec2(0.0, size * 0.28);
    vec2 q = abs(at) - vec2(size * 0.52, size * 0.36) + size * 0.12;
    float body = length(max(q, 0.0)) + min(max(q.x, q.y), 0.0) - size * 0.12;
    drawn = over(drawn, colour, cover(body));
    vec2 top = v_at - vec2(size * 0.26, size * 0.42);
    float bow = top.y > 0.0 ? abs(length(top) - size * 0.3) : abs(abs(top.x) - size * 0.3);
    bool isOpenEnd = top.x > 0.0 && top.y < 0.0;
    float shackle = isOpenEnd ? length(top - vec2(size * 0.3, 0.0)) : bow;
    if (top.y < -size * 0.4) shackle = size;
    return over(drawn, colour, cover(shackle - stroke));
  }

  void main() {
    bool isLit = has(v_flags, LIT) || has(v_flags, SELECTED) || has(v_flags, FOUND);
    vec4 drawn;
    if (v_which < 0.5) {
      vec3 colour = verdictColour(v_shares, 1.0);
      drawn = arrow(colour, isLit ? 1.0 : u_rest * (has(v_flags, FAINT) ? 0.75 : 1.0));
    } else if (v_which < 1.5) {
      drawn = v_shares.x > 0.001 ? cross(v_size) : diamond(v_size);
    } else {
      drawn = openLock(v_size, verdictColour(v_shares, 0.0));
    }
    gl_FragColor = drawn * v_alpha;
  }
`;
