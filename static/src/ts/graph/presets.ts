// Questions that operators ask often.

export const FIND_PRESETS = [
  ["health = critical or health = warning", "what is sick"],
  ["errors > 1%", "failing calls"],
  ["denied > 0", "denied attempts"],
  ["silent and verdict = allow", "unused permissions"],
  ["observed and not declared", "seen, but not declared"],
  ["verdict = deny", "calls that are denied"],
  ["verdict = conditional", "calls that depend on the request"],
  ["by_default", "calls that no intention decides"],
  ["not mtls", "calls without mutual TLS"],
  ["declared and verdict = deny", "declared, but denied"],
  ["not registered", "named, but not registered"],
  ["callers = 0 and calls = 0", "without any call"],
] as const;

export const HIDE_PRESETS = [
  ["health = passing", "what is well"],
  ["not declared", "intentions that no proxy uses"],
  ["silent", "calls that nobody makes"],
  ["not observed", "calls that were not seen"],
  ["not registered", "what is not registered"],
  ["not has_sidecar", "what is not in the mesh"],
  ["callers = 0 and calls = 0", "without any call"],
  ["verdict = allow", "calls that are allowed"],
] as const;
