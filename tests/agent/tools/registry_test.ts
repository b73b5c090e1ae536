import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { tool, ToolRegistry } from "../../../src/agent/mod.ts";
import { addTool, agentOf } from "../_support.ts";

const ping = tool({ name: "ping", description: "Says pong.", execute: () => "pong" });

test("ToolRegistry holds tools by name, in the order in which they were added", () => {
  const registry = new ToolRegistry([ping]);
  registry.register(addTool());
  assertEquals([registry.size, registry.list()], [2, ["ping", "add"]]);
  assertEquals([registry.get("ping"), registry.get("nope")], [ping, undefined]);
  assertEquals([...registry].map(({ name }) => name), ["ping", "add"]);
  assertEquals([registry.unregister("ping"), registry.unregister("ping")], [true, false]);
  assertEquals(registry.list(), ["add"]);
});

test("ToolRegistry.registerMany() adds all tools or none", () => {
  const registry = new ToolRegistry();
  assertThrows(() => registry.registerMany([ping, ping]), TypeError, 'already a tool named "ping"');
  assertThrows(
    () => registry.registerMany([ping, {} as never]),
    TypeError,
    "made by tool(), got an",
  );
  assertEquals(registry.size, 0);
  registry.register(ping);
  assertThrows(() => registry.register(ping), TypeError, 'already a tool named "ping"');
});

test("ToolRegistry.getOrThrow() lists what there is", () => {
  assertThrows(
    () => new ToolRegistry([ping, addTool()]).getOrThrow("nope"),
    RangeError,
    'there is no tool "nope"; there is: ping, add',
  );
  assertThrows(() => new ToolRegistry().getOrThrow("nope"), RangeError, "there is: none");
});

test("ToolRegistry.toOpenAISchemas() describes tools as OpenAI's APIs want them", () => {
  assertEquals(new ToolRegistry([ping]).toOpenAISchemas(), [{
    type: "function",
    function: { name: "ping", description: "Says pong.", parameters: ping.parameters },
  }]);
});

test("An agent takes the tools of a ToolRegistry", () => {
  const { agent } = agentOf([], { tools: [...new ToolRegistry([ping])] });
  assertEquals(agent.tools, [ping]);
});
