import { checkText } from "../../core/checks.ts";
import { checkOptions, describe, isRecord } from "../../core/options.ts";
import { attempt, fence } from "../recorder/fence.ts";
import { OpenIds } from "../recorder/open_ids.ts";
import { type BridgeOptions, checkBridgeOptions } from "../recorder/record_call.ts";
import { AgUiRecording } from "./recording.ts";

/** Options of {@linkcode fromAgUi} and {@linkcode locusSubscriber}. */
export interface FromAgUiOptions extends BridgeOptions {
  /** What the agent is called. @default {"agent", or the `agentId` of the client} */
  name?: string;
}

/**
 * Reads along with the events of an agent that speaks AG-UI, and records them: its messages as model calls, its tool
 * calls, sub-agents, steps and questions. The same events come out, in the same order.
 *
 * - **Where:** inside of a run they become part of it, else a run of their own, unless `runs` says otherwise.
 * - **Leaving** the loop, or an error of the stream, ends the agent as cancelled or failed.
 * - **Chunks** (`TEXT_MESSAGE_CHUNK` and its like) are not read: the client of AG-UI makes events of them.
 *
 * @throws {TypeError} If an option is unknown or not valid.
 *
 * @example Record what an agent does
 * ```ts
 * import { EventBus } from "@locus/core";
 * import { fromAgUi } from "@locus/core/bridges/ag-ui";
 * import { assertEquals } from "@std/assert";
 *
 * async function* agent() {
 *   yield { type: "RUN_STARTED", threadId: "t", runId: "r" };
 *   yield { type: "RUN_FINISHED", threadId: "t", runId: "r", result: "Good morning." };
 * }
 *
 * const bus = new EventBus();
 * for await (const event of fromAgUi(agent(), { bus, name: "greeter" })) void event;
 * assertEquals(bus.history("agent.terminate")[0]?.data.final_message_preview, "Good morning.");
 * ```
 */
export function fromAgUi<T extends { readonly type: string }>(
  events: AsyncIterable<T>,
  options: FromAgUiOptions = {},
): AsyncGenerator<T, void> {
  if (typeof Object(events)[Symbol.asyncIterator] !== "function") {
    throw new TypeError(
      `fromAgUi(): expected an async iterable of AG-UI events, got ${
        describe(events)
      }; for an agent of @ag-ui/client, ` +
        "agent.subscribe(locusSubscriber())",
    );
  }
  return readAlong(events, new AgUiRecording(...read("fromAgUi()", options, "agent")));
}

async function* readAlong<T>(
  events: AsyncIterable<T>,
  recording: AgUiRecording,
): AsyncGenerator<T, void> {
  try {
    for await (const event of events) {
      if (isRecord(event)) attempt(() => recording.read(event));
      yield event;
    }
  } catch (error) {
    attempt(() => recording.end(error));
    throw error;
  } finally {
    attempt(() => recording.end());
  }
}

/** What `subscribe()` of an AG-UI client takes, or the second argument of its `runAgent()`. */
export interface AgUiSubscriber {
  /** An event has arrived. */
  onEvent(params: { event: object; agent: object; input: object }): void;
  /** The request or the stream failed. */
  onRunFailed(params: { error: Error; agent: object }): void;
  /** The stream is over. */
  onRunFinalized(params: { agent: object }): void;
}

/**
 * Records what the agents of AG-UI's own client do: `agent.subscribe(locusSubscriber())`. One is enough for all of them. See
 * {@linkcode fromAgUi} for what becomes of it.
 *
 * @throws {TypeError} If an option is unknown or not valid.
 */
export function locusSubscriber(options: FromAgUiOptions = {}): AgUiSubscriber {
  const owner = "locusSubscriber()";
  read(owner, options, "agent");
  const recordings = new OpenIds<AgUiRecording>("ag-ui");
  const hooks: AgUiSubscriber = {
    onEvent({ event, agent, input }) {
      const { agentId = "agent" } = agent as { agentId?: string };
      if (recordings.get(agent) === undefined) {
        recordings.set(agent, new AgUiRecording(...read(owner, options, agentId)));
      }
      // The server need not repeat what it was asked.
      recordings.get(agent)?.read({ input, ...event });
    },
    onRunFailed: ({ error, agent }) => recordings.get(agent)?.end(error),
    onRunFinalized({ agent }) {
      recordings.get(agent)?.end();
      recordings.delete(agent);
    },
  };
  return fence(hooks, Object.keys(hooks));
}

function read(owner: string, options: FromAgUiOptions, otherwise: string): [BridgeOptions, string] {
  checkOptions(owner, options, ["name", "runs", "bus", "content"]);
  const { name, ...rest } = options;
  if (name !== undefined) checkText(owner, "name", name);
  checkBridgeOptions(owner, rest);
  return [rest, name ?? otherwise];
}
