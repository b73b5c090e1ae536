/**
 * Runs to be shown on foreign screens: the streams of `docs/conformance`, and agents of our own.
 *
 * @module
 */
import { EventBus, type StreamEvent, withRun, withSpan } from "@locus/core";
import { Agent, tool } from "@locus/core/agent";
import { scriptedModel } from "@locus/core/testing";
import { z } from "zod";
import { deliver, streamsOfOneRun } from "../conformance/_streams.ts";

/** A run that was recorded. */
export interface RecordedRun {
  readonly name: string;
  readonly events: readonly StreamEvent[];
}

/** Every run there is. */
export async function recordedRuns(): Promise<RecordedRun[]> {
  const runs: RecordedRun[] = [];
  for (const stream of streamsOfOneRun) {
    runs.push({ name: stream.name, events: (await deliver(stream)).events });
  }
  for (const content of [false, true]) {
    const suffix = content ? " with content" : "";
    runs.push({ name: `nested agents${suffix}`, events: await nestedAgents(content) });
    runs.push({ name: `a failing tool${suffix}`, events: await failingTool(content) });
  }
  return runs;
}

/** An agent whose tool asks another one, twice at the same time, inside of other work. */
export function nestedAgents(content = true): Promise<readonly StreamEvent[]> {
  const helper = () =>
    new Agent({
      agentId: "helper",
      model: scriptedModel([call("look", { at: "sky" }), "It is blue."]),
      tools: [look],
    });
  const ask = tool({
    name: "ask",
    parameters: z.object({ whom: z.string() }),
    execute: async () => (await helper().invoke("What do you see?")).message,
  });
  const calls = [{ toolName: "ask", input: { whom: "a" } }, {
    toolName: "ask",
    input: { whom: "b" },
  }];
  const agent = new Agent({
    agentId: "chief",
    model: scriptedModel([{ text: "Let me ask.", toolCalls: calls }, "Both say blue."]),
    tools: [ask],
  });
  return record(content, () => withSpan("work", () => agent.invoke("Which color?")));
}

/** An agent whose tool throws, and which answers all the same. */
export function failingTool(content = true): Promise<readonly StreamEvent[]> {
  const broken = tool({
    name: "broken",
    parameters: z.object({}),
    execute: () => {
      throw new RangeError("too far");
    },
  });
  const agent = new Agent({
    model: scriptedModel([call("broken", {}), "It is broken."]),
    tools: [broken],
  });
  return record(content, () => agent.invoke("Try it."));
}

const look = tool({
  name: "look",
  parameters: z.object({ at: z.string() }),
  execute: ({ at }) => `The ${at} is blue`,
});

function call(toolName: string, input: object) {
  return { toolCalls: [{ toolName, input }] };
}

/** The events of a run, `bus.end` included, as they come over the wire. */
export async function record(
  content: boolean,
  fn: () => unknown,
): Promise<readonly StreamEvent[]> {
  const bus = new EventBus();
  await Promise.allSettled([withRun({ runId: "r", bus, content }, () => fn())]);
  const events = bus.history({ run: "r" }, { limit: 10_000 }).toReversed() as StreamEvent[];
  return [...events, { ...events.at(-1)!, event_type: "bus.end", data: { last_event_id: null } }];
}

/** The events through a transform. */
export async function through<T>(
  events: readonly StreamEvent[],
  transform: TransformStream<StreamEvent, T>,
): Promise<T[]> {
  const source = new ReadableStream<StreamEvent>({
    start(controller) {
      for (const event of events) controller.enqueue(event);
      controller.close();
    },
  });
  const read: T[] = [];
  const reader = source.pipeThrough(transform).getReader();
  for (let next; !(next = await reader.read()).done;) read.push(next.value);
  return read;
}

let count = 0;

/** An event, as a bus has it. */
export function draft(event_type: string, data: object): StreamEvent {
  const timestamp = new Date(1e12 + ++count).toISOString();
  return { event_id: `e-${count}`, run_id: "r", event_type, timestamp, data } as StreamEvent;
}
