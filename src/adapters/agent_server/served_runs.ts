import type { AgentRun } from "../../agent/agent_run.ts";
import { EventBus } from "../../core/event_bus.ts";
import { randomHex } from "../../core/random_hex.ts";
import { runContext } from "../../core/run_context.ts";
import type { Subscription } from "../../core/bus.ts";
import { formatEventId, parseEventId } from "../../events/identifiers.ts";
import type { Principal } from "./access.ts";
import type { AgentServerConfig } from "./options.ts";
import { busy, noQuestion, notFound, refusalOf, tooManyRuns } from "./refusals.ts";
import { type Outcome, ServedRun } from "./served_run.ts";

/** Begins a segment; the signal is what cancels it. */
export type StartSegment = (run: ServedRun, signal: AbortSignal) => AgentRun;

/**
 * The runs that a server knows: those under way, and for a while those that are over or wait for a person.
 *
 * A run is driven here, not by whoever reads it: its events go into a log of its own, and every response is
 * a reader of that. So it is all the same to a run how many clients follow it, how fast, and when they leave.
 */
export class ServedRuns {
  readonly #config: AgentServerConfig;
  readonly #report: (error: unknown) => string;
  readonly #log: EventBus;
  readonly #runs = new Map<string, ServedRun>();
  // The run that is under way in a thread, by the thread's stored name.
  readonly #threads = new Map<string, ServedRun>();
  #running = 0;
  #isClosed = false;

  constructor(config: AgentServerConfig, report: (error: unknown) => string) {
    const { maxRuns, maxRunsRetained } = config;
    this.#config = config;
    this.#report = report;
    this.#log = new EventBus({
      // Whoever comes back to a long answer wants all of it, and every token is an event.
      historyPerRun: 10_000,
      maxQueueSize: 10_000,
      maxRunsRetained: maxRuns + maxRunsRetained,
      maxEventBytes: 4 * 2 ** 20,
      onError: (error) => void report(error),
    });
  }

  /**
   * Begins a run.
   *
   * @throws {Refusal} With 503 if there are too many, with 409 if one is under way in the thread.
   */
  begin(principal: Principal, threadId: string | null, start: StartSegment): ServedRun {
    const run = new ServedRun(randomHex(32), principal, threadId);
    this.#reserve(run);
    // Whoever goes on without an answer abandons the question.
    if (run.storedThreadId !== null) this.endThread(run.storedThreadId);
    this.#runs.set(run.id, run);
    this.#drive(run, start);
    this.#forgetOld();
    return run;
  }

  /**
   * Goes on with a run that waits for this answer.
   *
   * @throws {Refusal} As {@linkcode ServedRuns.begin}; with 404 if another answer was faster.
   */
  goOn(run: ServedRun, interruptId: string, start: StartSegment): void {
    if (!isWaiting(run, interruptId)) throw noQuestion();
    this.#reserve(run);
    this.#drive(run, start);
  }

  /** A run of this principal; undefined if there is none, or it was too long ago. */
  find(principal: Principal, runId: string): ServedRun | undefined {
    this.#forgetOld();
    const run = this.#runs.get(runId);
    return run?.principal === principal ? run : undefined;
  }

  /** The run of this principal that waits for this answer. */
  async findWaiting(principal: Principal, interruptId: string): Promise<ServedRun | undefined> {
    this.#forgetOld();
    for (const run of this.#runs.values()) {
      if (run.principal !== principal || run.interrupt?.interrupt_id !== interruptId) continue;
      // Whoever has the question may answer before the run has come to rest.
      if (run.isFinishing) await run.segment.outcome;
      return isWaiting(run, interruptId) ? run : undefined;
    }
  }

  /**
   * Waits for a run of the thread whose last event is out already: its client may go on at once.
   *
   * @throws {Refusal} With 409 if one is in the middle of its work.
   */
  async threadAtRest(stored: string): Promise<void> {
    const run = this.#threads.get(stored);
    if (run === undefined) return;
    if (!run.isFinishing) throw busy();
    await run.segment.outcome;
  }

  /** Ends what waits for a person in a thread that does not ask any more. */
  endThread(stored: string): void {
    for (const run of this.#runs.values()) {
      if (run.status === "paused" && run.storedThreadId === stored) this.#end(run);
    }
  }

  /** Ends a run. False if it was over already. */
  async cancel(run: ServedRun): Promise<boolean> {
    // What has said its last word cannot be stopped any more; it may be a question.
    if (run.status === "running" && run.isFinishing) await run.segment.outcome;
    if (run.status === "ended") return false;
    if (run.status === "running") run.segment.cancel("Cancelled by its owner");
    else this.#end(run);
    return true;
  }

  /**
   * Reads a run: from its first event, or after the one with this number.
   *
   * @throws {Refusal} With 404 if its events are not held any more.
   */
  subscribe(run: ServedRun, lastEventId: string | null): Subscription {
    const cursor = this.#cursorOf(run);
    if (cursor === null && run.status !== "running") throw notFound();
    return this.#log.subscribe(run.id, { after: toCursor(lastEventId, cursor) });
  }

  /** The number of the newest event; null if none is held. */
  lastEventId(run: ServedRun): string | null {
    const cursor = this.#cursorOf(run);
    return cursor === null ? null : String(parseEventId(cursor)!.seq);
  }

  /** Cancels everything, and resolves when nothing of it is left. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const running = [...this.#runs.values()].filter(({ status }) => status === "running");
    for (const { segment } of running) segment.cancel("The server closes");
    await Promise.all(running.map(({ segment }) => segment.outcome));
    for (const run of this.#runs.values()) this.#forget(run);
  }

  #reserve(run: ServedRun): void {
    if (this.#isClosed || this.#running >= this.#config.maxRuns) throw tooManyRuns();
    const stored = run.storedThreadId;
    if (stored === null) return;
    if (this.#threads.has(stored)) throw busy();
    this.#threads.set(stored, run);
  }

  #drive(run: ServedRun, start: StartSegment): void {
    this.#running++;
    run.status = "running";
    run.interrupt = null;
    run.isFinishing = false;
    const controller = new AbortController();
    run.segment = {
      outcome: this.#runSegment(run, () => start(run, controller.signal)),
      cancel: (reason) => controller.abort(new DOMException(reason, "AbortError")),
    };
  }

  async #runSegment(run: ServedRun, start: () => AgentRun): Promise<Outcome> {
    const { bus } = this.#config;
    const log = this.#log.writer(run.id);
    let hasBegun = false;
    try {
      const events = bus === undefined ? start() : runContext({ runId: run.id, bus }, start);
      for await (const event of events) {
        hasBegun ||= event.event_type !== "terminate";
        run.isFinishing = event.event_type === "interrupt" || event.event_type === "terminate";
        if (event.event_type === "interrupt") run.interrupt = event;
        log.write(event.event_type, event);
      }
      if (events.result === null) throw new Error("The run ended without a result");
      return { result: events.result };
    } catch (error) {
      run.interrupt = null;
      run.failure = this.#report(error);
      return { correlationId: run.failure, refusal: hasBegun ? null : refusalOf(error) };
    } finally {
      this.#settle(run);
    }
  }

  #settle(run: ServedRun): void {
    this.#running--;
    const stored = run.storedThreadId;
    if (stored !== null) this.#threads.delete(stored);
    if (run.interrupt === null) return this.#end(run);
    run.status = "paused";
    run.changedAt = performance.now();
  }

  #end(run: ServedRun): void {
    run.status = "ended";
    run.interrupt = null;
    run.changedAt = performance.now();
    this.#log.closeStream(run.id);
    try {
      this.#config.bus?.closeStream(run.id);
    } catch (error) {
      // Ours does not throw; somebody else's must not be able to keep a run from its end.
      this.#report(error);
    }
  }

  /** Forgets what is too old, and the oldest of what is too many. */
  #forgetOld(): void {
    const { retainMs, maxRunsRetained } = this.#config;
    const now = performance.now();
    const idle = [...this.#runs.values()].filter(({ status }) => status !== "running")
      .sort((a, b) => a.changedAt - b.changedAt);
    const over = idle.length - maxRunsRetained;
    for (const [index, run] of idle.entries()) {
      const limitMs = run.status === "paused" ? Math.max(retainMs, PAUSED_MS) : retainMs;
      if (index < over || now - run.changedAt >= limitMs) this.#forget(run);
    }
  }

  #forget(run: ServedRun): void {
    if (run.status !== "ended") this.#end(run);
    this.#runs.delete(run.id);
    this.#log.dropHistory(run.id);
  }

  #cursorOf(run: ServedRun): string | null {
    return this.#log.runs().find(({ run_id }) => run_id === run.id)?.cursor ?? null;
  }
}

// People sleep.
const PAUSED_MS = 24 * 60 * 60_000;

/** A number on the wire as the log's own cursor. What is no number is passed on, to be found meaningless. */
function toCursor(lastEventId: string | null, newest: string | null): string | null {
  const epoch = parseEventId(newest ?? "")?.epoch;
  if (lastEventId === null || epoch === undefined || !/^\d{1,16}$/.test(lastEventId)) {
    return lastEventId;
  }
  return formatEventId(epoch, Number(lastEventId));
}

function isWaiting({ status, interrupt }: ServedRun, interruptId: string): boolean {
  return status === "paused" && interrupt?.interrupt_id === interruptId;
}
