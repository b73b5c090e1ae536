import { EVENT_TYPE_RULE, isEventType } from "../../events/identifiers.ts";
import type { AppendOptions, Producer } from "./bus.ts";
import { type Captured, copyPayload } from "../copy_payload.ts";
import { checkRunId, checkSignal } from "../checks.ts";
import { enterPublish, leavePublish, NESTED_TOO_OFTEN } from "./nesting.ts";
import { checkCount, checkFunction, checkOptions, describe, isArray } from "../options.ts";

/** Events to store all or none. */
export interface ReadAppend {
  readonly events: readonly { readonly eventType: string; readonly captured: Captured }[];
  /** With its epoch; null if the call names no producer. */
  readonly producer: Required<Producer> | null;
}

/**
 * Reads what a caller of `append()` hands in. Getters of payloads run here, so it comes before anything is looked up.
 *
 * @throws {TypeError} If the run, a draft or an option is not valid.
 * @throws {RangeError} If a number of the producer is none.
 * @throws What the signal was aborted with.
 */
export function readAppend(
  owner: string,
  runId: unknown,
  drafts: unknown,
  options: AppendOptions,
  maxEventBytes: number,
): ReadAppend {
  checkRunId(owner, runId);
  checkOptions(owner, options, ["producer", "onFenced", "signal"]);
  const { onFenced, signal } = options;
  checkFunction(owner, "onFenced", onFenced);
  checkSignal(owner, signal);
  const producer = readProducer(owner, options);
  if (!isArray(drafts)) {
    throw new TypeError(`${owner}: expected an array of events, got ${describe(drafts)}`);
  }
  if (signal?.aborted) throw signal.reason;
  if (!enterPublish()) throw new Error(`${owner}: ${NESTED_TOO_OFTEN}`);
  try {
    return {
      producer,
      events: Array.from(drafts as unknown[], (draft, index) => {
        const { run_id, event_type: eventType, data } = Object(draft);
        if (run_id !== runId) {
          throw new TypeError(
            `${owner}: event ${index} must be of the run ${describe(runId)}, got ${
              describe(run_id)
            }`,
          );
        }
        if (!isEventType(eventType)) {
          throw new TypeError(
            `${owner}: event_type must be ${EVENT_TYPE_RULE}, got ${describe(eventType)}`,
          );
        }
        return { eventType, captured: copyPayload(data, maxEventBytes) };
      }),
    };
  } finally {
    leavePublish();
  }
}

function readProducer(owner: string, { producer }: AppendOptions): Required<Producer> | null {
  if (producer === undefined) return null;
  checkOptions(owner, producer, ["id", "epoch", "seq"]);
  const { id, epoch = 0, seq } = producer;
  checkRunId(owner, id, "producer.id");
  checkCount(owner, "producer.epoch", epoch, 0);
  checkCount(owner, "producer.seq", seq, 0);
  return { id, epoch, seq };
}
