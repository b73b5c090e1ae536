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
  let text = "";
  let isDone = false;
  let latest: { readonly value: T; readonly json: string } | null = null;
  const stream = {
    final: null as T | null,
    terminateReason: null as string | null,
    async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
      for await (const event of events) {
        if (!read(event)) continue;
        const partial = parsePartialJson(text);
        const json = JSON.stringify(partial);
        if (partial === undefined || (json === latest?.json && !emitUnchanged)) continue;
        const checked = await validate(schema, partial);
        if (checked.issues !== undefined) continue;
        latest = { value: checked.value, json };
        yield checked.value;
      }
      const { value, error } = await parseOutput(schema, text);
      stream.final = error === null ? value : latest?.value ?? null;
    },
  };
  return stream;

  /** @returns Whether there is more text now. */
  function read(event: AgentEvent): boolean {
    if (event.event_type === "terminate") {
      stream.terminateReason = event.reason;
      text = event.final_message ?? text;
    }
    if (event.event_type !== "model_chunk" && event.event_type !== "model_complete") return false;
    // When it is complete, the same text comes again, or all there is of an answer that was not streamed.
    const isWhole = event.event_type === "model_complete";
    text = (isWhole || isDone ? "" : text) + (event.content ?? "");
    isDone = isWhole || event.done;
    if (event.discarded) {
      text = "";
      latest = null;
    }
    return event.content !== null;
  }
}
