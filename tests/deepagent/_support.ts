/** What the tests of deep agents share. */

import { EventBus, runContext } from "../../mod.ts";
import { createDeepAgent, type DeepAgentOptions } from "../../src/deepagent/mod.ts";
import type { AgentResult } from "../../src/agent/mod.ts";
import { scriptedModel, type ScriptedToolCall, type Turn } from "../../src/testing/mod.ts";
import type { AnyEvent } from "../harness/support/read.ts";

/** A call of a tool. */
export const call = (toolName: string, input: object): ScriptedToolCall => ({ toolName, input });

/** An agent that makes these calls, one a turn, and then says that it is done: what came of them, and what it said. */
export async function acting(
  calls: readonly ScriptedToolCall[],
  options: Partial<DeepAgentOptions>,
  bus = new EventBus(),
): Promise<{ result: AgentResult; results: (string | null)[]; events: AnyEvent[] }> {
  const turns: Turn[] = [...calls.map((one) => ({ toolCalls: [one] })), "Done."];
  const agent = createDeepAgent({ model: scriptedModel(turns), grounding: false, ...options });
  const result = await runContext({ bus, runId: "r1" }, () => agent.invoke("Go."));
  const events = bus.history("*", { limit: 10_000 }).toReversed() as AnyEvent[];
  return {
    result,
    results: result.tool_executions.map(({ result, error }) => result ?? error),
    events,
  };
}

/** What the events of a family say, without their places. */
export function told(events: readonly AnyEvent[], family: string) {
  return events.filter(({ event_type }) => event_type.startsWith(family)).map((
    { event_type, data: { span_id: _, parent_span_id: __, hash: ___, duration_ms: ____, ...data } },
  ) => ({ [event_type.slice(family.length)]: data }));
}
