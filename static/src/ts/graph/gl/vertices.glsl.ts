// The shaders of a vertex. Distances are CSS pixels from its middle, y upward.

export const VERTEX = /* glsl */ `
  attribute vec2 a_corner;
  attribute vec2 a_at;
  attribute float a_radius;
  attribute float a_shape;
  attribute float a_health;
  attribute vec3 a_shares;
  attribute float a_flags;
  attribute vec2 a_times;
  varying vec2 v_at;
  varying float v_radius;
  varying float v_shape;
  varying float v_health;
  varying vec3 v_shares;
  varying float v_flags;
  varying float v_alpha;
  varying float v_wave;

  void main() {
    float radius = screenRadius(a_radius);
    bool isLit = has(a_flags, LIT);
    float wave = (u_time - a_times.y) / 1.6;
    v_wave = wave > 0.0 && wave < 1.0 ? wave : 0.0;
    float arrival = arrived(a_times.x);
    v_alpha = arrival * (isLit ? 1.0 : 1.0 - 0.74 * u_dim);
    v_radius = radius * (0.6 + 0.4 * arrival);
    float marked = has(a_flags, SELECTED) || has(a_flags, FOUND) ? 12.0 : 0.0;
    float reach = radius * 1.1 + max(max(4.0, marked), max(a_health == 2.0 ? 14.0 : 0.0, v_wave > 0.0 ? 24.0 : 0.0));
    v_at = a_corner * reach;
    v_shape = a_shape;
    v_health = a_health;
    v_shares = a_shares;
    v_flags = a_flags;
    gl_Position = placed(onScreen(a_at) + v_at);
  }
`;

export const FRAGMENT = /* glsl */ `
  uniform vec3 u_passing;
  uniform vec3 u_warning;
  uniform vec3 u_critical;
  uniform vec3 u_unknown;
  uniform vec3 u_body;
  uniform vec3 u_ground;
  uniform vec3 u_accent;
  uniform vec3 u_found;
  uniform float u_glow;
  varying vec2 v_at;
  varying float v_radius;
  varying float v_shape;
  varying float v_health;
  varying vec3 v_shares;
  varying float v_flags;
  varying float v_alpha;
  varying float v_wave;

  const float TURN = 6.2831853;
  const vec2 CORNER = vec2(0.7071, 0.7071);

  float hexagon(vec2 at, float radius) {
    const vec3 k = vec3(-0.8660254, 0.5, 0.5773503);
    at = abs(at.yx);
    at -= 2.0 * min(dot(k.xy, at), 0.0) * k.xy;
    at -= vec2(clamp(at.x, -k.z * radius, k.z * radius), radius);
    return length(at) * sign(at.y);
  }

  float roundedSquare(vec2 at, float half_, float corner) {
    vec2 q = abs(at) - half_ + corner;
    return length(max(q, 0.0)) + min(max(q.x, q.y), 0.0) - corner;
  }

  float outline(vec2 at, float radius) {
    if (v_shape > 1.5) return roundedSquare(at, radius * 0.92, radius * 0.36);
    if (v_shape > 0.5) return hexagon(at, radius * 0.86 - radius * 0.14) - radius * 0.14;
    return length(at) - radius;
  }

  float triangle(vec2 at, float radius) {
    const float k = 1.7320508;
    at.x = abs(at.x) - radius;
    at.y = at.y + radius / k;
    if (at.x + k * at.y > 0.0) at = vec2(at.x - k * at.y, -k * at.x - at.y) / 2.0;
    at.x -= clamp(at.x, -2.0 * radius, 0.0);
    return -length(at) * sign(at.y);
  }

  vec3 tone() {
    if (has(v_flags, HOLLOW) || v_health > 2.5) return u_unknown;
    return v_health > 1.5 ? u_critical : v_health > 0.5 ? u_warning : u_passing;
  }

  float dashes(float clockwise, float count, float filled) {
    float within = abs(fract(clockwise * count) - 0.5) / count * TURN * v_radius;
    return cover(within - filled * 0.5 / count * TURN * v_radius);
  }

  float band(float distance, float outer, float width) {
    return cover(abs(distance + outer + width * 0.5) - width * 0.5);
  }

  vec4 serviceRing(vec4 under, float distance, float clockwise, float width, vec3 colour) {
    if (has(v_flags, HOLLOW)) {
      return over(under, colour, band(distance, 0.0, max(width * 0.45, 1.1)) * dashes(clockwise, 14.0, 0.55));
    }
    if (v_health > 2.5) return over(under, colour, band(distance, 0.0, max(width * 0.6, 1.1)) * dashes(clockwise, 9.0, 0.66));
    if (v_health > 1.5) {
      under = over(under, colour, band(distance, 0.0, width * 1.2));
      return over(under, colour, band(distance, width * 1.2 + max(width * 0.5, 1.0), width * 0.6));
    }
    if (v_health > 0.5) {
      float aside = abs(fract(clockwise - 0.125 + 0.5) - 0.5) * TURN;
      return over(under, colour, band(distance, 0.0, width) * (1.0 - cover((aside - 0.44) * v_radius)));
    }
    return over(under, colour, band(distance, 0.0, width));
  }

  vec4 groupRing(vec4 under, float distance, float clockwise, float width) {
    float critical = v_shares.z;
    float warning = critical + v_shares.y;
    float unknown = 1.0 - v_shares.x;
    vec3 colour = clockwise < critical ? u_critical : clockwise < warning ? u_warning : clockwise < unknown ? u_unknown : u_passing;
    float around = TURN * v_radius;
    float cut = min(min(abs(clockwise - critical), abs(clockwise - warning)), abs(clockwise - unknown));
    cut = min(cut, min(clockwise, 1.0 - clockwise));
    bool isWhole = max(max(v_shares.x, v_shares.y), v_shares.z) > 0.999 || unknown - warning > 0.999;
    float gap = isWhole ? 1.0 : 1.0 - cover(cut * around - 1.2);
    return over(under, colour, band(distance, 0.0, width * (clockwise < critical ? 1.5 : 1.0)) * gap);
  }

  vec4 badge(vec4 under, vec3 colour) {
    float size = clamp(v_radius * 0.36, 4.5, v_shape > 1.5 ? 6.5 : 9.0);
    vec2 at = v_at - CORNER * (v_radius * (v_shape > 1.5 ? 1.12 : 1.0));
    if (v_health > 1.5) {
      under = over(under, u_ground, cover(length(at) - size - 1.6));
      under = over(under, colour, cover(length(at) - size));
      vec2 diagonal = abs(vec2(at.x + at.y, at.x - at.y) * 0.7071);
      float cross = max(min(diagonal.x, diagonal.y) - size * 0.15, max(diagonal.x, diagonal.y) - size * 0.58);
      return over(under, u_ground, cover(cross));
    }
    at.y += size * 0.12;
    float edge = triangle(at, size * 0.86) - size * 0.22;
    under = over(under, u_ground, cover(edge - 1.8));
    under = over(under, colour, cover(edge));
    vec2 stroke = vec2(abs(at.x), at.y - size * 0.08);
    float bang = max(stroke.x - size * 0.1, abs(stroke.y) - size * 0.34);
    float dot_ = length(at + vec2(0.0, size * 0.47)) - size * 0.12;
    return over(under, u_ground, cover(min(bang, dot_)));
  }

  void main() {
    float radius = v_radius;
    float distance = outline(v_at, radius);
    float width = clamp(radius * 0.16, 1.3, 5.0);
    float clockwise = fract(atan(v_at.x, v_at.y) / TURN);
    vec3 colour = tone();
    bool isGroup = v_shape > 1.5;
    bool isHollow = has(v_flags, HOLLOW);
    bool isCritical = v_health > 1.5 && v_health < 2.5 && !isHollow;
    vec4 drawn = vec4(0.0);
    if (isCritical) drawn = over(drawn, colour, u_glow * (isGroup ? 0.4 : 1.0) * pow(clamp(1.0 - distance / 13.0, 0.0, 1.0), 2.0));
    drawn = over(drawn, u_ground, cover(distance - 1.8));
    if (isHollow) {
      drawn = over(drawn, u_unknown, 0.06 * cover(distance + width));
    } else {
      float inset = isCritical && !isGroup ? width * 1.8 + max(width, 2.0) : width + clamp(radius * 0.1, 0.8, 2.6);
      float light = 0.045 * clamp(v_at.y / radius, -1.0, 1.0);
      vec3 body = mix(u_body + light, colour, isGroup ? 0.25 * v_shares.z : v_health > 2.5 ? 0.0 : isCritical ? 0.2 : 0.07);
      drawn = over(drawn, body, cover(distance + inset) * (v_health > 2.5 && !isGroup ? 0.5 : 1.0));
    }
    drawn = isGroup ? groupRing(drawn, distance, clockwise, width * 1.1) : serviceRing(drawn, distance, clockwise, width, colour);
    float small = 1.0 - smoothstep(5.0, 8.0, radius);
    if (!isHollow && v_health < 2.5 && !isGroup) drawn = over(drawn, colour, small * cover(distance));
    if (radius > 9.5 && !isHollow && v_health > 0.5 && v_health < 2.5) drawn = badge(drawn, colour);
    if (has(v_flags, PINNED)) {
      float pin = length(v_at + vec2(0.0, radius)) - clamp(radius * 0.17, 2.0, 4.0);
      drawn = over(over(drawn, u_ground, cover(pin - 1.4)), u_accent, cover(pin));
    }
    if (has(v_flags, SELECTED)) drawn = over(drawn, u_accent, cover(abs(distance - 5.0) - 1.25));
    else if (has(v_flags, FOUND)) drawn = over(drawn, u_found, cover(abs(distance - 4.5) - 1.0));
    if (v_wave > 0.0) drawn = over(drawn, colour, (1.0 - v_wave) * cover(abs(distance - 2.0 - v_wave * 18.0) - 1.5));
    gl_FragColor = drawn * v_alpha;
  }
`;
