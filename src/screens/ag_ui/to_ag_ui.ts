import { checkText } from "../../core/checks.ts";
import { checkOptions } from "../../core/options.ts";
import type { WireEvent } from "../../sse/encoder.ts";
import { transform } from "../screen.ts";
import type { AgUiEvent } from "./events.ts";
import { AgUiWriter } from "./writer.ts";

/** Options of {@linkcode toAgUi}. */
export interface ToAgUiOptions {
  /** The conversation that the run belongs to. @default {the id of the run} */
  threadId?: string;
}

/**
 * Turns the events of a run into those of [AG-UI](https://docs.ag-ui.com) 1.0, for any of its clients.
 *
 * - **From anywhere:** what comes out is valid wherever the stream begins, and whatever is missing of it: what was
 *   opened before begins where it is heard of, and an end without a beginning is left out.
 * - **What becomes what:** model calls are messages, with their span's id; tools are tool calls, with their
 *   `tool_span_id`; agents inside of others are sub-agents; graph nodes and all other work are steps; anything else is
 *   `CUSTOM`, by its type.
 * - **Content** (arguments, whole results, thoughts) is there where the run publishes content, else previews.
 * - **The end:** `RUN_FINISHED` or `RUN_ERROR` at `run.completed`, else at the end of the stream. A run that waits for a
 *   person finishes with its questions; when it goes on, another `RUN_STARTED` follows.
 *
 * @throws {TypeError} If an option is unknown, or no text.
 *
 * @example A run, for a client of AG-UI
 * ```ts
 * import { emit, EventBus, withRun } from "@locus/core";
 * import { toAgUi } from "@locus/core/ag-ui";
 * import { assertEquals } from "@std/assert";
 *
 * const bus = new EventBus();
 * await withRun({ runId: "r1", bus }, () => emit("shop.paid", { order: 7 }));
 *
 * const types = [];
 * for await (const event of bus.subscribe("r1").pipeThrough(toAgUi())) types.push(event.type);
 * assertEquals(types, ["RUN_STARTED", "CUSTOM", "CUSTOM", "RUN_FINISHED"]);
 * ```
 */
export function toAgUi(options: ToAgUiOptions = {}): TransformStream<WireEvent, AgUiEvent> {
  const owner = "toAgUi()";
  checkOptions(owner, options, ["threadId"]);
  const { threadId } = options;
  if (threadId !== undefined) checkText(owner, "threadId", threadId);
  return transform(new AgUiWriter(threadId));
}
