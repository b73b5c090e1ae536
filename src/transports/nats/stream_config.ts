import { PermanentError } from "../remote/permanent_error.ts";
import type { Subjects } from "./subjects.ts";

export interface StreamSettings {
  readonly name: string;
  readonly historyPerRun: number;
  readonly retentionMs: number;
  readonly maxStoredBytes: number;
  readonly storage: "file" | "memory";
  readonly replicas: number;
}

export interface StreamConfig {
  readonly name: string;
  readonly subjects: readonly string[];
  readonly max_msgs_per_subject: number;
  readonly republish: { readonly src: string; readonly dest: string };
  readonly [key: string]: unknown;
}

// Messages without events: the close, a drop, numbers that were lost.
const SPARE_MESSAGES = 16;
const NANOSECONDS = 1_000_000;

export function streamConfig(subjects: Subjects, settings: StreamSettings): StreamConfig {
  const { name, historyPerRun, retentionMs, maxStoredBytes, storage, replicas } = settings;
  return {
    name,
    description: "Runs of Locus",
    subjects: [subjects.allRuns, subjects.mark, subjects.allKept],
    retention: "limits",
    discard: "old",
    storage,
    num_replicas: replicas,
    max_age: retentionMs * NANOSECONDS,
    max_bytes: maxStoredBytes,
    max_msgs_per_subject: historyPerRun + SPARE_MESSAGES,
    // Not used: a message says itself where it belongs. The server remembers ids that long.
    duplicate_window: Math.min(retentionMs, 1_000) * NANOSECONDS,
    allow_direct: true,
    // So that only what was stored is told, and in that order.
    republish: { src: subjects.allRuns, dest: subjects.republished },
  };
}

/**
 * An operator may set up the stream with other options, but not with any.
 *
 * @throws {PermanentError} If a stream of that name cannot hold runs.
 */
export function checkConfig(
  name: string,
  wanted: StreamConfig,
  found: Readonly<Record<string, unknown>>,
): void {
  const { subjects, republish, max_msgs_per_subject: messages, allow_direct: direct } = found;
  const { src, dest } = (republish ?? {}) as Partial<StreamConfig["republish"]>;
  const [allRuns, mark] = wanted.subjects;
  // Others are of use, but not needed.
  const isOurs = Array.isArray(subjects) && subjects.includes(allRuns) && subjects.includes(mark) &&
    src === wanted.republish.src && dest === wanted.republish.dest && direct === true;
  if (!isOurs) {
    throw new PermanentError(
      `NATS: the stream "${name}" was made for something else; use another prefix`,
    );
  }
  const isShort = typeof messages !== "number" ||
    (messages > 0 && messages < wanted.max_msgs_per_subject);
  if (isShort) {
    throw new PermanentError(
      `NATS: the stream "${name}" holds fewer messages of a run ("max_msgs_per_subject": ` +
        `${Number(messages)}) than "historyPerRun" asks for: ${wanted.max_msgs_per_subject}`,
    );
  }
}
