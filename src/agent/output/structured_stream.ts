/** An answer that takes shape while it is being written. */

import { describe } from "../../core/options.ts";
import type { AgentEvent } from "../state/events.ts";
import { isStandardSchema, type StandardSchema } from "../../events/standard_schema.ts";
import { parseOutput, parsePartialJson, validate } from "./extract_json.ts";
import { hasMethod } from "../../core/describe.ts";
import { flag, readBy } from "../../core/option_rules.ts";

/** Options of {@linkcode structuredStream}. */
export interface StructuredStreamOptions {
  /** Also yield a value that equals the one before. @default {false} */
  emitUnchanged?: boolean;
}

/** The values of a run's answer, each more complete than the one before. Iterate it once. */
export interface StructuredStream<T> extends AsyncIterable<T, void, void> {
  /**
   * The whole answer, once the run is over. If it does not pass the schema, the last value that was
   * yielded; null if there was none, and before the end.
   */
  readonly final: T | null;
  /** Why the run ended, as its `terminate` event says it; null before, and if there was none. */
  readonly terminateReason: string | null;
}

/**
 * Reads the objects out of a run's answer while it streams.
 *
 * - Yields whenever what has arrived, with what is open closed, passes the schema and differs from the
 *   value before. A string or number is left out until it is complete.
 * - With a schema whose fields are all required, little passes before the end: give a lenient one for
 *   the screen, such as zod's `Recipe.partial()`, and take the result from `run.result.parsed`.
 * - A turn that calls tools, or an attempt to mend the answer, begins a new object.
 * - Rejects with what the run rejects with. Leaving the loop stops the run.
 *
 * @param events What `agent.run()` returns; any stream of agent events will do.
 * @throws {TypeError} If `schema` is no Standard Schema, or an option is unknown or of the wrong type.
 *
 * @example Show a list that grows
 * ```ts
 * import { type AgentEvent, structuredStream } from "@locus/core/agent";
 * import { assertEquals } from "@std/assert";
 * import { z } from "zod";
 *
 * const stream = structuredStream(chunks('{"steps":["mix","bake"]}'), z.object({
 *   steps: z.array(z.string()),
 * }));
 * const seen: number[] = [];
 * for await (const { steps } of stream) seen.push(steps.length);
 * assertEquals(seen, [0, 1, 2]);
 *
 * // In place of agent.run().
 * async function* chunks(text: string): AsyncGenerator<AgentEvent> {
 *   const timestamp = new Date().toISOString();
 *   for (const content of text) {
 *     yield { event_type: "model_chunk", timestamp, content, tool_calls: null, done: false };
 *   }
 * }
 * ```
 */
export function structuredStream<T>(
  events: AsyncIterable<AgentEvent>,
  schema: StandardSchema<unknown, T>,
  options: StructuredStreamOptions = {},
): StructuredStream<T> {
  if (!hasMethod(events, Symbol.asyncIterator)) {
    throw new TypeError(
      `structuredStream(): expected a run of an agent, got ${describe(events)}`,
    );
  }
  const { emitUnchanged } = readBy("structuredStream()", options, { emitUnchanged: flag(false) });
  if (!isStandardSchema(schema)) {
    throw new TypeError(
      `structuredStream(): "schema" must be a zod schema or another Standard Schema, ` +
        `got ${describe(schema)}`,
    );
  }
  return new AnswerStream(events, schema, emitUnchanged);
}

class AnswerStream<T> implements StructuredStream<T> {
  final: T | null = null;
  terminateReason: string | null = null;
  readonly #events: AsyncIterable<AgentEvent>;
  readonly #schema: StandardSchema<unknown, T>;
  readonly #emitUnchanged: boolean;
  #text = "";
  #isDone = false;
  #latest: { readonly value: T; readonly json: string } | null = null;

  constructor(
    events: AsyncIterable<AgentEvent>,
    schema: StandardSchema<unknown, T>,
    emitUnchanged: boolean,
  ) {
    this.#events = events;
    this.#schema = schema;
    this.#emitUnchanged = emitUnchanged;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    for await (const event of this.#events) {
      if (!this.#read(event)) continue;
      const json = this.#partial();
      if (json === null || (json === this.#latest?.json && !this.#emitUnchanged)) continue;
      const checked = await validate(this.#schema, JSON.parse(json));
      if (checked.issues !== undefined) continue;
      this.#latest = { value: checked.value, json };
      yield checked.value;
    }
    const { value, error } = await parseOutput(this.#schema, this.#text);
    this.final = error === null ? value : this.#latest?.value ?? null;
  }

  /** @returns Whether there is more text now. */
  #read(event: AgentEvent): boolean {
    switch (event.event_type) {
      case "model_chunk":
        if (this.#isDone) this.#text = "";
        this.#isDone = event.done;
        this.#text += event.content ?? "";
        if (event.discarded) this.#forget();
        return event.content !== null;
      case "model_complete":
        // The same text again, or all there is of an answer that was not streamed.
        this.#text = event.content ?? "";
        this.#isDone = true;
        if (event.discarded) this.#forget();
        return event.content !== null;
      case "terminate":
        this.terminateReason = event.reason;
        this.#text = event.final_message ?? this.#text;
        return false;
      default:
        return false;
    }
  }

  #forget(): void {
    this.#text = "";
    this.#latest = null;
  }

  #partial(): string | null {
    const value = parsePartialJson(this.#text);
    return value === undefined ? null : JSON.stringify(value);
  }
}
