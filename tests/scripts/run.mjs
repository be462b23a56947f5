// Bundles the tests of the dashboard's scripts, which are TypeScript, and runs them with Node's own runner.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

const here = import.meta.dirname;
const entryPoints = readdirSync(here, { recursive: true })
  .filter((path) => path.endsWith(".test.ts"))
  .map((path) => join(here, path));
const outdir = mkdtempSync(join(tmpdir(), "tulle-scripts-"));
try {
  await build({
    entryPoints,
    outdir,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    outExtension: { ".js": ".mjs" },
    logLevel: "warning",
  });
  const bundles = readdirSync(outdir, { recursive: true })
    .filter((path) => path.endsWith(".mjs"))
    .map((path) => join(outdir, path));
  process.exitCode = spawnSync(process.execPath, ["--test", ...bundles], { stdio: "inherit" }).status ?? 1;
} finally {
  rmSync(outdir, { recursive: true });
}
