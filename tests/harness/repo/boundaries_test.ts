import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { filesUnder } from "../run/paths.ts";
import { violation } from "./boundaries.ts";
import { type Import, importsOf } from "./imports.ts";

test("every import in src and mod.ts follows the arrows of the design", async () => {
  const files = ["mod.ts", ...filesUnder("src", ".ts")];
  const imports = await importsOf(files);
  const importing = new Set(imports.map(({ from }) => from));
  assert(importing.has("mod.ts"), "the imports of mod.ts were read");
  assert(imports.length > files.length, "a graph with so few imports was not read as a whole");
  assertEquals(imports.map(violation).filter((problem) => problem !== null), []);
});

test("violation() accepts what the design allows", () => {
  const allowed: Import[] = [
    edge("src/core/bus/bus.ts", "src/events/mod.ts"),
    edge("src/agent/loop/loop.ts", "src/core/run/emit.ts"),
    edge("src/deepagent/mod.ts", "src/agent/mod.ts"),
    edge("src/adapters/hono.ts", "src/sse/mod.ts"),
    edge("src/adapters/hono.ts", "hono"),
    edge("src/events/schemas.ts", "zod"),
    edge("src/events/schemas/agent.ts", "zod"),
    edge("src/runtime/async_context.ts", "node:async_hooks"),
    { ...edge("src/agent/model.ts", "@ai-sdk/provider"), typeOnly: true },
    edge("src/cli/commands/replay.ts", "src/adapters/hono.ts"),
    edge("src/cli/output.ts", "node:process"),
    edge("tests/core/bus_test.ts", "src/adapters/hono.ts"),
  ];
  assertEquals(allowed.map(violation), allowed.map(() => null));
});

test("violation() names an arrow that points the wrong way", () => {
  const forbidden: Import[] = [
    edge("src/events/mod.ts", "src/core/bus/bus.ts"),
    edge("src/core/bus/bus.ts", "src/sse/mod.ts"),
    edge("src/agent/loop/loop.ts", "src/sse/mod.ts"),
    edge("src/sse/mod.ts", "src/agent/mod.ts"),
    edge("src/client/mod.ts", "src/adapters/hono.ts"),
    edge("src/transports/redis.ts", "src/bridges/otel.ts"),
    edge("src/workbench/mod.ts", "src/cli/mod.ts"),
    edge("mod.ts", "src/agent/mod.ts"),
    edge("src/agent/loop/loop.ts", "mod.ts"),
  ];
  for (const wrong of forbidden) assertMatch(violation(wrong) ?? "none", /may not import/);
});

test("violation() names a package where it does not belong", () => {
  const forbidden: Import[] = [
    edge("mod.ts", "zod"),
    edge("src/core/bus/bus.ts", "zod"),
    edge("src/events/envelope.ts", "zod"),
    edge("src/core/bus/bus.ts", "node:async_hooks"),
    edge("src/agent/loop/loop.ts", "hono"),
    edge("src/agent/model.ts", "@ai-sdk/provider"),
  ];
  for (const wrong of forbidden) assertMatch(violation(wrong) ?? "none", /which it may not/);
});

test("violation() names a private file of another folder, and a folder without a place", () => {
  assertMatch(violation(edge("src/core/bus/bus.ts", "src/events/_fields.ts")) ?? "none", /private/);
  assertMatch(violation(edge("src/utils/bus.ts", "zod")) ?? "none", /has no place/);
});

test("violation() names an arrow within the agent that points the wrong way", () => {
  const forbidden: [from: string, to: string][] = [
    ["loop/loop.ts", "hooks/hooks_feature.ts"],
    ["loop/run_segment.ts", "config.ts"],
    ["state/state.ts", "tools/outcome.ts"],
    ["tools/tool.ts", "loop/feature.ts"],
    ["hooks/hooks_feature.ts", "loop/run_segment.ts"],
    ["reasoning/gsar/gsar.ts", "hooks/hook.ts"],
    ["threads/restore.ts", "loop/run_segment.ts"],
  ];
  for (const [from, to] of forbidden) {
    assertMatch(
      violation(edge(`src/agent/${from}`, `src/agent/${to}`)) ?? "none",
      /may not import/,
    );
  }
  const allowed: [from: string, to: string][] = [
    ["features.ts", "hooks/hooks_feature.ts"],
    ["hooks/hooks_feature.ts", "loop/feature.ts"],
    ["threads/restore.ts", "loop/tool_calls/tool_plan.ts"],
  ];
  for (const [from, to] of allowed) {
    assertEquals(violation(edge(`src/agent/${from}`, `src/agent/${to}`)), null);
  }
  assertMatch(
    violation(edge("src/agent/new/a.ts", "src/agent/state/state.ts")) ?? "none",
    /no place/,
  );
});

function edge(from: string, to: string): Import {
  return { from, specifier: to, to, typeOnly: false };
}
