import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "@std/assert";
import { build, stop } from "esbuild";

const root = fileURLToPath(new URL("../../", import.meta.url));

test("The client is small in a browser, and brings no schemas, no server and nothing of Node", async () => {
  const { outputFiles: [bundle], metafile } = await build({
    entryPoints: ["src/client/mod.ts"],
    absWorkingDir: root,
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    target: "es2024",
    platform: "browser",
    external: ["node:*"],
    logLevel: "silent",
  });
  // esbuild is a process of its own, which would keep this one alive.
  await stop();
  const folders = new Set(
    Object.keys(metafile.inputs).map((path) =>
      path.startsWith("src/")
        ? path.split("/").slice(0, 2).join("/")
        : /deno-std|eventsource-parser|tests\/support\/std/.exec(path)?.[0] ?? path
    ),
  );
  const expected = ["deno-std", "eventsource-parser", "src/client", "src/core", "src/events"];
  assertEquals([...folders].sort(), [...expected, "src/sse", "tests/support/std"]);
  assert(!bundle!.text.includes("node:"), "it imports nothing of Node");
  assert(bundle!.text.includes("Last-Event-ID"), "it is there at all");
  const bytes = gzipSync(bundle!.contents, { level: 9 }).length;
  assert(bytes < 8_500, `${bytes} bytes of gzip`);
});
