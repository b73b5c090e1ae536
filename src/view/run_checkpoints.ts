import { checkCount, checkOptions } from "../core/options.ts";
import { parseEventId } from "../events/identifiers.ts";
import type { StreamEvent } from "../events/stream_event.ts";
import { type Fields, textIn } from "./payload.ts";

/** A checkpoint, as a run's log names it: load it with the graph's `history()`, go on from it with `replay()`. */
export interface NamedCheckpoint {
  /** The thread that it is in. */
  readonly thread_id: string;
  /** Its name there. */
  readonly checkpoint_id: string;
  /** The one before it; null for the first. */
  readonly parent_checkpoint_id: string | null;
  /** The span of the graph; null if it is not known. */
  readonly span_id: string | null;
  /** The event that names it: its place in the log. */
  readonly event_id: string;
}

/** Options of {@linkcode RunCheckpoints}. */
export interface RunCheckpointsOptions {
  /** How many it keeps; the oldest make room. @default {10_000} */
  readonly maxCheckpoints?: number;
}

/**
 * The checkpoints of a run's graphs, from its events: what to scrub a history by.
 *
 * @example
 * ```ts
 * import { EventBus, runContext } from "@locus/core";
 * import { channel, graph, START } from "@locus/core/graph";
 * import { MemoryCheckpointer } from "@locus/core/memory";
 * import { RunCheckpoints } from "@locus/core/view";
 * import { assertEquals } from "@std/assert";
 *
 * const bus = new EventBus();
 * const count = graph({
 *   state: { n: channel.add() },
 *   nodes: { one: () => ({ n: 1 }), two: () => ({ n: 1 }) },
 *   edges: { [START]: "one", one: "two" },
 * });
 * const thread = { threadId: "t", checkpointer: new MemoryCheckpointer() };
 * await runContext({ runId: "r1", bus }, () => count.execute({}, thread));
 * bus.closeStream("r1");
 *
 * const checkpoints = new RunCheckpoints();
 * for await (const event of bus.subscribe("r1")) checkpoints.add(event);
 * assertEquals(checkpoints.list.map(({ checkpoint_id }) => checkpoint_id), ["c1", "c2", "c3"]);
 * ```
 */
export class RunCheckpoints {
  readonly #list: NamedCheckpoint[] = [];
  readonly #max: number;

  /** Makes an empty list. */
  constructor(options: RunCheckpointsOptions = {}) {
    checkOptions("RunCheckpoints", options, ["maxCheckpoints"]);
    const { maxCheckpoints = 10_000 } = options;
    this.#max = checkCount("RunCheckpoints", "maxCheckpoints", maxCheckpoints, 1);
  }

  /** Those that were named, oldest first. */
  get list(): readonly NamedCheckpoint[] {
    return this.#list;
  }

  /** Takes the next event of the run. */
  add({ event_type, event_id, data: payload }: StreamEvent): void {
    if (event_type !== "memory.checkpoint.saved") return;
    const data: Fields = payload;
    const checkpoint_id = textIn(data, "checkpoint_id");
    if (checkpoint_id === "") return;
    if (this.#list.length === this.#max) this.#list.shift();
    this.#list.push({
      thread_id: textIn(data, "thread_id"),
      checkpoint_id,
      parent_checkpoint_id: textIn(data, "parent_checkpoint_id") || null,
      span_id: textIn(data, "span_id") || null,
      event_id,
    });
  }

  /** The newest one that was named up to an event of the run: where its graph stood then. Undefined if there was none. */
  at(eventId: string): NamedCheckpoint | undefined {
    const place = parseEventId(eventId);
    return this.#list.findLast(({ event_id }) => {
      const named = parseEventId(event_id);
      return named?.epoch === place?.epoch && named !== null && named.seq <= place!.seq;
    });
  }
}
