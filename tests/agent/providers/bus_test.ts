import { assert, assertEquals } from "@std/assert";
import { parseStreamEvent } from "@locus/core/schemas";
import { runEvents } from "../../events/expected_catalogue.ts";
import type { AnyEvent } from "../../harness/support/read.ts";
import { onBus } from "../_support.ts";
import { perform, replayed, resultOf } from "./perform.ts";
import { callsFunctions, isWhole, type Play, testPlays } from "./recordings.ts";
import type { RecordedCall } from "./wire.ts";

testPlays("the bus tells the run in the words of the recording", callsFunctions, async (play) => {
  const { events } = await onBus(() => perform(play));
  assertEquals(outlineOf(events), expectedOutline(play));
});

testPlays("each payload has exactly the keys of the catalogue", isWhole, async (play) => {
  const { events } = await onBus(() => perform(play));
  const catalogue: Record<string, object> = runEvents;
  for (const { event_type: type, data } of events) {
    assertEquals(Object.keys(data).sort(), Object.keys(catalogue[type]!).sort(), type);
  }
});

testPlays("each event passes the schemas", isWhole, async (play) => {
  const { events } = await onBus(() => perform(play));
  assert(events.length > 0);
  for (const event of events) {
    assertEquals<unknown>(parseStreamEvent(JSON.parse(JSON.stringify(event))), event);
  }
});

testPlays(
  "a failure is the last that the bus tells",
  ({ answer }) => answer.failed,
  async (play) => {
    const { events } = await onBus(() => perform(play));
    const ends = events.filter(({ event_type }) => event_type === "agent.terminate");
    assertEquals(ends.map(({ data }) => data.reason), ["error"]);
    assertEquals(events.at(-1), ends[0]);
  },
);

type Outline = [type: string, data: unknown][];

function expectedOutline(play: Play): Outline {
  const turns = replayed(play);
  const last = turns.at(-1)!.answer.texts.join("");
  return [
    ...turns.flatMap((turn, iteration) => [
      ...expectedAnswer(turn, iteration),
      ...(iteration < turns.length - 1 ? expectedTools(turn.answer.toolCalls) : []),
    ]),
    ["agent.terminate", {
      reason: "complete",
      iterations_used: turns.length,
      final_confidence: 0,
      total_tool_calls: play.answer.toolCalls.length,
      final_message_preview: preview(last),
    }],
  ];
}

function expectedAnswer({ client, answer }: Play, iteration: number): Outline {
  const { texts, reasoning, toolCalls, usage, stopReason } = answer;
  const text = texts.join("");
  return [
    ["agent.model.chunk", { text, calls: toolCalls.length, done: 1 }],
    ["agent.model.completed", {
      content_preview: preview(text),
      tool_call_count: toolCalls.length,
      stop_reason: stopReason,
    }],
    ...(usage === null ? [] : [
      ["agent.tokens.used", {
        prompt_tokens: usage.input,
        completion_tokens: usage.output,
        total_tokens: usage.input + usage.output,
      }] as Outline[number],
    ]),
    ["agent.think", {
      iteration,
      reasoning_preview: preview(client.readsThinking && reasoning || text),
      has_tool_calls: toolCalls.length > 0,
      tool_call_count: toolCalls.length,
    }],
  ];
}

function expectedTools(calls: readonly RecordedCall[]): Outline {
  return [
    ...calls.map(({ id, name, arguments: args }): Outline[number] => ["agent.tool.started", {
      tool_name: name,
      span_id: id,
      arg_keys: Object.keys(args ?? {}).sort(),
    }]),
    ...calls.map(({ id, name }): Outline[number] => ["agent.tool.completed", {
      tool_name: name,
      span_id: id,
      success: true,
      duration_ms: "a number",
      output_preview: preview(resultOf({ id })),
      error: null,
    }]),
  ];
}

/** What the bus told, with the chunks of a model call in one: how they are cut is the bus's business. */
function outlineOf(events: readonly Pick<AnyEvent, "event_type" | "data">[]): Outline {
  const outline: Outline = [];
  let chunks = { text: "", calls: 0, done: 0 };
  for (const { event_type: type, data } of events) {
    if (type === "agent.model.chunk") {
      chunks.text += data.content_preview;
      chunks.calls += Number(data.has_tool_calls);
      chunks.done += Number(data.done);
      if (data.done) {
        outline.push([type, chunks]);
        chunks = { text: "", calls: 0, done: 0 };
      }
    } else if (typeof data.duration_ms === "number") {
      outline.push([type, { ...data, duration_ms: "a number" }]);
    } else outline.push([type, data]);
  }
  return outline;
}

/** The first 240 characters, without half of a pair. */
function preview(text: string): string {
  return text.slice(0, 240).replace(/[\uD800-\uDBFF]$/, "");
}
