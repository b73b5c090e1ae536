/** Tells the bus what an agent does, with the chunks of long answers joined. */

import { ambientRun, type Run } from "../../core/run/run_context.ts";
import { type Channel, ModelChunks } from "../../content/model_chunks.ts";
import type { AgentEvent, ModelChunkEvent } from "../state/events.ts";
import { checkRun } from "../../core/checks.ts";
import { describe } from "../../core/describe.ts";
import { type Extras, publishEvent } from "./published_events.ts";

export type { Channel } from "../../content/model_chunks.ts";

/**
 * Publishes an agent's event to a run: by default to the one that this code is part of, and nowhere if
 * there is none. An agent does this itself for the events of its runs; this is for streams of agent
 * events that you make or forward.
 *
 * @throws {TypeError} If `event` is not an event of an agent, or `run` no run.
 *
 * @example Bridge an event
 * ```ts
 * import { getEventBus, runContext } from "@locus/core";
 * import { type AgentEvent, bridgeAgentEvent } from "@locus/core/agent";
 * import { assertEquals } from "@std/assert";
 *
 * const event: AgentEvent = {
 *   event_type: "think",
 *   timestamp: new Date().toISOString(),
 *   iteration: 0,
 *   reasoning: "I should look that up.",
 *   tool_calls: [],
 * };
 * const runId = runContext((run) => {
 *   bridgeAgentEvent(event);
 *   return run.id;
 * });
 *
 * getEventBus().closeStream(runId);
 * for await (const { event_type } of getEventBus().subscribe(runId)) {
 *   assertEquals(event_type, "agent.think");
 * }
 * ```
 */
export function bridgeAgentEvent(event: AgentEvent, run: Run | undefined = ambientRun()): void {
  if (typeof (event as Partial<AgentEvent> | null | undefined)?.event_type !== "string") {
    throw new TypeError(
      `bridgeAgentEvent(): expected an event of an agent, got ${describe(event)}`,
    );
  }
  if (run === undefined) return;
  checkRun('bridgeAgentEvent(): "run" must be', run);
  publishEvent(run, event);
}

/** Publishes the events of one run, with the chunks of long answers joined: {@linkcode ModelChunks}. */
export class BusBridge {
  readonly #run: Run;
  readonly #chunks: ModelChunks;
  /** What the chunks that wait say of their place. */
  #extras: Extras = {};

  constructor(run: Run) {
    this.#run = run;
    this.#chunks = new ModelChunks(run);
  }

  /**
   * Publishes an event.
   *
   * @param extras What the payload says beside what the event knows, such as its place.
   * @param tokens The same for the tokens of a model call.
   */
  publish(event: AgentEvent, extras: Extras = {}, tokens: Extras = extras): void {
    if (event.event_type === "model_chunk") {
      this.#extras = extras;
      this.#chunk(event);
    } else {
      this.finishText();
      publishEvent(this.#run, event, extras, tokens);
    }
  }

  /** Publishes a piece of what a model streams beside its text: content, which not everybody may see. */
  stream(channel: Channel, text: string, extras: Extras): void {
    this.#chunks.pushBeside(channel, text, extras);
  }

  /** Publishes what waits. */
  finishText(): void {
    this.#chunks.finish();
  }

  #chunk(event: ModelChunkEvent): void {
    const { content, done } = event;
    if (content === null) {
      this.finishText();
      publishEvent(this.#run, event, this.#extras);
    } else this.#chunks.push(content, this.#extras);
    if (done) this.#chunks.restart();
  }
}
