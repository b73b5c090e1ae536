import type { Context } from "hono";
import { clientOf } from "../../adapters/http/client_connection.ts";
import type { Connections } from "../../adapters/http/connections.ts";
import { encodeFrame } from "../../sse/encoder.ts";
import { openEventStream } from "../../sse/response.ts";
import type { StreamSettings } from "../../sse/stream_options.ts";
import { viewTask } from "../protocol/fold.ts";
import { isTerminal, RESUME_EXTENSION } from "../protocol/states.ts";
import type { TaskStream } from "./operations.ts";
import { readUpdate } from "./task_log.ts";

/** What a stream of a task is answered by. */
export interface TaskStreamOptions {
  readonly connections: Connections;
  readonly settings: StreamSettings;
  /** What a frame holds: the JSON of an update, or an answer around it. */
  readonly wrap: (json: string, isLast: boolean) => string;
  /** Called when nothing of the stream is held any more. */
  readonly onRelease: () => void;
}

/**
 * Answers with a task as it was at a place, and every update after it, once.
 *
 * A client that falls behind what the log holds is let go: it comes back, and is told what it missed.
 *
 * @throws {Refusal} With 503 if too many streams are open.
 */
export function answerWithTask(
  c: Context,
  { task, from, hasGap, isTurn }: TaskStream,
  { connections, settings, wrap, onRelease }: TaskStreamOptions,
): Response {
  const place = connections.take(c, [task.id]);
  const left = new AbortController();
  const first = hasGap
    ? { ...from.task, metadata: { ...from.task.metadata, [RESUME_EXTENSION]: { gap: true } } }
    : from.task;
  const opening = encodeFrame({
    id: from.cursor,
    data: wrap(JSON.stringify({ task: viewTask(first) }), false),
  });
  const response = openEventStream(task.log.subscribe(from, left.signal), {
    ...settings,
    ...clientOf(c),
    opening: [opening],
    encode: ({ event_type, data }) => {
      if (event_type === "bus.gap") left.abort();
      if (left.signal.aborted || event_type.startsWith("bus.")) return NOTHING;
      const { n, json, is_sent: isSent, state } = readUpdate(data);
      if (!isSent) return NOTHING;
      const isLast = state !== null &&
        (isTerminal(state) ||
          (isTurn && state === "TASK_STATE_INPUT_REQUIRED"));
      if (isLast) left.abort();
      return encodeFrame({ id: task.log.cursorOf(n), data: wrap(json, isLast) });
    },
    onRelease: () => {
      place.release();
      onRelease();
    },
  });
  if (!task.log.isKept || response.body === null) return response;
  // Stored first, then told.
  const wait = new TransformStream<Uint8Array, Uint8Array>({
    async transform(bytes, controller) {
      await task.log.stored();
      if (task.log.isTaken) controller.terminate();
      else controller.enqueue(bytes);
    },
  });
  return new Response(response.body.pipeThrough(wait), response);
}

// A comment, because not every server takes an empty chunk.
const NOTHING = encodeFrame({ comment: "" });
