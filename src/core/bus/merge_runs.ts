import { parseEventId } from "../../events/identifiers.ts";
import type { SubscribeOptions } from "./bus.ts";
import { LogReader, type ReaderOptions } from "./log_reader.ts";
import { MergedReader } from "./merged_reader.ts";
import { type ReaderStart, resumeAfterOrder } from "../log/reader_start.ts";
import type { RunLog } from "../log/run_log.ts";
import type { Sources } from "./sources.ts";

type MergeOptions =
  & Required<Pick<SubscribeOptions, "after" | "from" | "joining">>
  & ReaderOptions;

/** Reads several runs as one, from a position of the bus on, or from where each of them starts. */
export function mergeRuns<T>(
  sources: Sources,
  runIds: ReadonlySet<string>,
  { after, from, joining, ...options }: MergeOptions,
): MergedReader<T> {
  const position = parseEventId(after ?? "");
  // Asked when the reader is placed: a bus over a network has to look up its epoch first.
  const startOf = (log: RunLog): ReaderStart => {
    if (after === null || joining.includes(log.name)) return sources.startOf(log, from);
    const isOurs = position?.epoch === sources.epoch;
    if (isOurs && position.seq <= sources.order) {
      return { ...resumeAfterOrder(log, position.seq), position };
    }
    const announce = position === null || isOurs ? "unknown_cursor" : "new_epoch";
    return { cursor: log.tail - 1, recovery: "restarted", announce, position };
  };
  const readers = Array.from(
    runIds,
    (runId) => new LogReader<T>(sources.oneRun(runId, startOf), { ...options, signal: undefined }),
  );
  return new MergedReader(readers, { after, ...options, sources });
}
