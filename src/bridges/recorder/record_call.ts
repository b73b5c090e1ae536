import type { AnyBus } from "../../core/bus/bus.ts";
import { checkBus, checkFlag, WRITING } from "../../core/checks.ts";
import { checkOptions, describe } from "../../core/options.ts";
import { ambientRun, createRun, findOpen } from "../../core/run/run_context.ts";
import { getEventBus } from "../../core/run/shared.ts";
import { startRun } from "../../core/run/with_run.ts";
import { deferred } from "../../runtime/deferred.ts";
import { recorderFor, type SpanRecorder } from "./recorder.ts";
import { readEnding } from "./recorded_span.ts";
import type { SpanEnding } from "./span_options.ts";
import { findWaiting } from "./waiting_agents.ts";

/** Options that all bridges have. */
export interface BridgeOptions {
  /**
   * What a call outside of any run does: `own` opens a run for it, `ambient` nothing, so that only calls inside of
   * `withRun()` and the like are recorded.
   *
   * @default {"own"}
   */
  runs?: "own" | "ambient";
  /** The bus that runs of calls outside of any run are published to. @default {the default bus} */
  bus?: AnyBus;
  /**
   * Whether these runs publish prompts, answers, arguments and results as well.
   *
   * @default {as the bus says, else the process: `LOCUS_CAPTURE_CONTENT=true`}
   */
  content?: boolean;
}

/** The run that a call gets if it is made outside of any. */
export interface OwnRun {
  /** What the run is called. */
  name: string;
  /** What was asked. It is called, and published, only where content is. */
  input?: () => string;
  /** The ids of questions that the call brings the answers to: the run that waits for one of them goes on. */
  answers?: readonly string[];
}

/** A call of a framework, from outside of the framework. */
export interface RecordedCall {
  /** Tells the run of the call. */
  readonly recorder: SpanRecorder;
  /** The call is over; ends the run that was opened for it. Hand it over as `onClose` of the call's span. */
  end(this: void, ending?: SpanEnding): void;
}

/** @throws {TypeError} If an option is unknown or not valid. */
export function checkBridgeOptions(owner: string, options: BridgeOptions): void {
  checkOptions(owner, options, ["runs", "bus", "content"]);
  const { runs = "own", bus, content } = options;
  if (runs !== "own" && runs !== "ambient") {
    throw new TypeError(`${owner}: "runs" must be "own" or "ambient", got ${describe(runs)}`);
  }
  if (bus !== undefined) checkBus(`${owner}: "bus" must be`, bus, WRITING);
  checkFlag(owner, "content", content);
}

/**
 * Begins to record a call of a framework: in the run that the calling code is part of, else in a new one, which ends
 * with the call.
 *
 * @param source The name of the bridge.
 * @returns Undefined outside of any run if the options say `runs: "ambient"`.
 */
export function recordCall(
  source: string,
  options: BridgeOptions,
  { name, input, answers = [] }: OwnRun,
): RecordedCall | undefined {
  // What goes on after its run is over belongs to the run around that, or to none.
  const around = findOpen(ambientRun());
  if (around !== undefined) return { recorder: recorderFor(around, source), end() {} };
  const { runs, content, bus = getEventBus() } = options;
  if (runs === "ambient") return undefined;
  const waits = findWaiting(bus, source, answers);
  const asked = createRun("recordCall()", { bus, content }, undefined).content ? input?.() : "";
  const over = deferred<void>();
  const runId = waits?.outer.id;
  // It never fails: whoever made the call is told by the framework.
  const run = startRun({ runId, bus, content, name, input: asked }, () => over.promise);
  const recorder = recorderFor(run, source);
  opened.add(recorder);
  if (opened.size > MAX_OPEN) {
    // Its reader has left, which nobody was told.
    const [oldest] = opened;
    opened.delete(oldest!);
    oldest!.end();
  }
  return {
    recorder,
    end(ending = {}) {
      opened.delete(recorder);
      // Agents have said so themselves.
      const { error, isCancelled } = readEnding(ending);
      if (error !== null) run.setOutcome(isCancelled ? "cancelled" : "error", error);
      over.resolve();
    },
  };
}

/** The recorders of the runs that were opened for calls. */
const opened = new Set<SpanRecorder>();

const MAX_OPEN = 1_000;
