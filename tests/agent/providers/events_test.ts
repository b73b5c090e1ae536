import { assertEquals } from "@std/assert";
import type { AgentEvent } from "@locus/core/agent";
import { all, only } from "../_support.ts";
import { perform, replayed, resultOf } from "./perform.ts";
import { callsTools, isWhole, testPlays } from "./recordings.ts";
import type { Answer } from "./wire.ts";

testPlays("the chunks of the model are the recorded ones", isWhole, async (play) => {
  const { events } = await perform(play);
  const spoken = replayed(play).flatMap(({ answer }) => [...answer.texts, "(done)"]);
  const chunks = all(events, "model_chunk").filter(({ tool_calls }) => tool_calls === null);
  assertEquals(chunks.map(({ content, done }) => done ? "(done)" : content), spoken);
});

testPlays("each tool call is told by a chunk", callsTools, async (play) => {
  const { events } = await perform(play);
  const told = all(events, "model_chunk").flatMap(({ tool_calls }) => tool_calls ?? []);
  assertEquals(told, all(events, "model_complete").flatMap(({ tool_calls }) => tool_calls));
  assertEquals(told.map(({ id, name }) => ({ id, name })), idsAndNames(play.answer));
});

testPlays("think tells the recorded thinking, or else the text", isWhole, async (play) => {
  const { events } = await perform(play);
  const thoughts = replayed(play).map(({ answer }, iteration) => ({
    iteration,
    reasoning: play.client.readsThinking && answer.reasoning || textOf(answer),
    calls: idsAndNames(answer),
  }));
  assertEquals(
    all(events, "think").map(({ iteration, reasoning, tool_calls }) => ({
      iteration,
      reasoning,
      calls: tool_calls.map(({ id, name }) => ({ id, name })),
    })),
    thoughts,
  );
});

testPlays("model_complete tells the recorded answer and its tokens", isWhole, async (play) => {
  const { events } = await perform(play);
  assertEquals(
    all(events, "model_complete").map(({ content, usage, stop_reason }) => ({
      content,
      usage,
      stop_reason,
    })),
    replayed(play).map(({ answer }) => ({
      content: textOf(answer),
      usage: tokensOf(answer),
      stop_reason: answer.stopReason,
    })),
  );
});

testPlays("the tools get the recorded arguments", callsTools, async (play) => {
  const { events, executed } = await perform(play);
  const expected = play.answer.toolCalls.filter((call) => call.arguments !== null);
  const started = all(events, "tool_start").map((event) => ({
    id: event.tool_call_id,
    name: event.tool_name,
    arguments: event.arguments,
  }));
  const isExpected = ({ id }: { id: string }) => expected.some((call) => call.id === id);
  assertEquals(executed.filter(isExpected), expected);
  assertEquals(started.filter(isExpected), expected);
  const completed = all(events, "tool_complete").map((event) => ({
    id: event.tool_call_id,
    result: event.result,
    error: event.error,
  }));
  assertEquals(
    completed.filter(isExpected),
    expected.map(({ id }) => ({ id, result: resultOf({ id }), error: null })),
  );
});

testPlays("the events come in their order, and one terminate ends it", isWhole, async (play) => {
  const { events, error } = await perform(play);
  const { length: tools } = play.answer.toolCalls;
  const turns = replayed(play);
  const expected = turns.flatMap((_, turn) => [
    ...["model_chunk", "model_complete", "think"],
    ...(turn === 0 && turns.length > 1
      ? [...Array(tools).fill("tool_start"), ...Array(tools).fill("tool_complete")]
      : []),
  ]);
  assertEquals(outlineOf(events), [...expected, "terminate"]);
  assertEquals(error, null);
  const { reason, iterations_used, total_tool_calls, final_message } = only(events, "terminate");
  assertEquals({ reason, iterations_used, total_tool_calls, final_message }, {
    reason: "complete",
    iterations_used: turns.length,
    total_tool_calls: turns.length > 1 ? tools : 0,
    final_message: textOf(turns.at(-1)!.answer),
  });
});

function textOf({ texts }: Answer): string | null {
  return texts.join("") || null;
}

function idsAndNames({ toolCalls }: Answer): { id: string; name: string }[] {
  return toolCalls.map(({ id, name }) => ({ id, name }));
}

function tokensOf({ usage }: Answer): Record<string, number> {
  if (usage === null) return {};
  const { input, output } = usage;
  return {
    input_tokens: input,
    output_tokens: output,
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
  };
}

/** The types of the events, with the chunks of a call as one. */
function outlineOf(events: readonly AgentEvent[]): string[] {
  return events.map(({ event_type }) => event_type)
    .filter((type, index, types) => type !== "model_chunk" || types[index - 1] !== type);
}
