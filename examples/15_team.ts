/**
 * Agents that work for each other, watched word by word: two specialists side by side, one of them with a third below it.
 */
import { EventBus, withRun } from "@locus/core";
import { orchestrator, specialist } from "@locus/core/team";
import { scriptedModel } from "@locus/core/testing";

const search = specialist({
  name: "Search",
  model: scriptedModel(["Line 12: no space left on device."]),
});
const logs = specialist({
  name: "Logs",
  tools: [search.asTool()],
  model: scriptedModel([
    { toolCalls: [{ toolName: "search", input: { prompt: "errors" } }] },
    "The disk is full.",
  ]),
});
const metrics = specialist({
  name: "Metrics",
  model: scriptedModel(["Writes fail since noon."]),
});

const bus = new EventBus();
const names = new Map<unknown, string>();
bus.on("span.started", ({ data }) => {
  const { name, span_id, parent_span_id } = data;
  names.set(span_id, data.kind === "agent" ? name : names.get(parent_span_id)!);
});
bus.on("agent.model.chunk", ({ data }) => {
  console.log(`${names.get(data.span_id)}: ${data.content_preview}`);
});
const team = orchestrator({ specialists: [logs, metrics] });
const { summary } = await withRun(
  { runId: "incident-1", bus },
  () => team.execute("Why did it stop?"),
);
if (!summary?.includes("disk is full")) throw new Error("Nobody found it");
