import type { DrainedOptions } from "./bus.ts";
import { checkRunId, checkSignal, checkTimeout } from "../checks.ts";
import { checkOptions } from "../options.ts";
import type { RunLog } from "../log/run_log.ts";
import { settleOnce } from "../settle_once.ts";

/** Waits until every reader of a run has taken what was published. */
export function drained(
  logOf: (runId: string) => RunLog | undefined,
  runId: string,
  options: DrainedOptions,
): Promise<void> {
  const owner = "EventBus.drained()";
  checkRunId(owner, runId);
  checkOptions(owner, options, ["timeoutMs", "signal"]);
  checkTimeout(owner, options.timeoutMs);
  checkSignal(owner, options.signal);
  const log = logOf(runId);
  const pending = () => Array.from(log?.readers ?? [], ({ depth }) => depth).filter(Boolean);
  return settleOnce<void>(
    options,
    () => `Readers of run "${runId}" have ${pending().join(", ")} events left`,
    ({ resolve }) => {
      const check = () => pending().length === 0 && resolve();
      check();
      return log?.onProgress(check);
    },
  );
}
