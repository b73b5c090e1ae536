/** What went in and came out, on the spans of OpenTelemetry: only where content is recorded. */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { withRun } from "@locus/core";
import { Agent, tool } from "@locus/core/agent";
import { createRedactor } from "@locus/core/redaction";
import type { ToOtelOptions } from "../../src/bridges/otel.ts";
import { ScriptedModel, toolCall } from "../harness/support/scripted_model.ts";
import { type Exported, traced } from "./_otel.ts";

async function tracedRun(options: ToOtelOptions): Promise<Exported> {
  const otel = traced(options, { content: true });
  const look = tool({
    name: "look",
    parameters: { type: "object", properties: {} },
    execute: () => "private result of Ada",
  });
  const model = new ScriptedModel([toolCall("c1", "look", { what: "private case" })], [
    "private answer",
  ]);
  const agent = new Agent({ model, tools: [look], systemPrompt: "Be brief." });
  await withRun({ runId: "r", bus: otel.bus }, (run) => agent.invoke("private question", { run }));
  return await otel.end();
}

test("toOtel() records the messages of model calls, arguments and results, if content is recorded", async () => {
  const { spans, span } = await tracedRun({ recordContent: true });
  const [, second] = spans.filter(({ name }) => name.startsWith("chat"));
  const input = JSON.parse(String(second!.attributes["gen_ai.input.messages"]));
  assertEquals(input.map(({ role }: { role: string }) => role), [
    "system",
    "user",
    "assistant",
    "tool",
  ]);
  assertEquals(JSON.parse(String(second!.attributes["gen_ai.output.messages"])), [
    { role: "assistant", parts: [{ type: "text", content: "private answer" }] },
  ]);
  const { attributes } = span("execute_tool look");
  assertEquals(attributes["gen_ai.tool.call.arguments"], '{"what":"private case"}');
  assertEquals(attributes["gen_ai.tool.call.result"], "private result of Ada");
});

test("toOtel() redacts what it records of content", async () => {
  const redactor = createRedactor({ patterns: [/\bAda\b/] });
  const { spans } = await tracedRun({ recordContent: true, redactor });
  const recorded = JSON.stringify(spans.map(({ attributes }) => attributes));
  assert(recorded.includes("private result of [REDACTED]"));
  assert(!recorded.includes("Ada"));
});

test("toOtel() records nothing of content otherwise, also where it is published", async () => {
  const { spans } = await tracedRun({});
  const recorded = JSON.stringify(
    spans.map(({ name, attributes, events }) => ({ name, attributes, events })),
  );
  assert(!recorded.includes("private"));
  assert(!recorded.includes("span.content"));
});
