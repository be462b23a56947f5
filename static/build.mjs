// Bundles what static/src holds into static/dist: an entry a page needs, and what several share
// as chunks of their own. Names carry no hash; the server adds a version to their URLs.
import { rm } from "node:fs/promises";
import { build } from "esbuild";

const entries = {
  shell: "static/src/ts/shell.ts",
  style: "static/src/css/style.css",
  favicon: "static/src/favicon.svg",
};

// Chunks of former builds would be read and compressed by every server that starts.
await rm("static/dist", { recursive: true, force: true });
await build({
  entryPoints: entries,
  outdir: "static/dist",
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  minify: true,
  sourcemap: true,
  legalComments: "linked",
  loader: { ".woff2": "file", ".svg": "copy" },
  assetNames: "[name]",
  chunkNames: "chunk-[hash]",
  logLevel: "warning",
});
