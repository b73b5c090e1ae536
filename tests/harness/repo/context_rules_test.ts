import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { filesUnder, root } from "../run/paths.ts";

const sources = ["mod.ts", ...filesUnder("src", ".ts")];

/** The files of `src` in whose code, comments aside, a name occurs. */
function filesThatName(name: RegExp): string[] {
  return sources.filter((file) => name.test(codeOf(Deno.readTextFileSync(root + file))));
}

function codeOf(source: string): string {
  return source.replace(/\/\*.*?\*\/|\/\/.*?$/gms, "");
}

test("R1 nothing enters a context but by run()", () => {
  assertEquals(filesThatName(/\benterWith\b|(?<!\bprocess)\.exit\(|\.disable\(|_propagate\b/), []);
});

test("Only src/runtime/context_engines.ts knows AsyncLocalStorage", () => {
  const known = filesThatName(
    /\bAsyncLocalStorage\b|\bgetStore\b|\basync_hooks\b|\bAsyncResource\b/,
  );
  assertEquals(known, ["src/runtime/context_engines.ts"]);
});

test("R3 nothing that reads or transports a subscription can read the run context", () => {
  const readers =
    /^src\/(sse|adapters|client|consumers|transports)\/|log_\w+\.ts$|\/handler_pump\.ts$/;
  const mayRead = filesThatName(/\bshared\.run\b|\bambientRun\b|\bcurrentRun(Id)?\b/);
  assert(mayRead.includes("src/core/run/emit.ts"), "the search finds those who may");
  assertEquals(mayRead.filter((file) => readers.test(file)), []);
});

test("codeOf() leaves comments out", () => {
  assertEquals(codeOf("a /* enterWith */ b // enterWith\nc\n/**\n * enterWith\n */"), "a  b \nc\n");
});
