import type { AgentRun } from "../../agent/agent_run.ts";
import { EventBus } from "../../core/bus/event_bus.ts";
import { randomHex } from "../../core/random_hex.ts";
import type { Run } from "../../core/run/run_context.ts";
import { startRun } from "../../core/run/with_run.ts";
import type { AnyBus, Subscription } from "../../core/bus/bus.ts";
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
 * A run is driven here, not by its clients: its events go into a log of their own, and every response reads that. So
 * a run does not depend on how many clients follow it, how fast they read, or when they leave.
 */
export class ServedRuns {
  readonly #config: AgentServerConfig;
  readonly #report: (error: unknown) => string;
  readonly #log: EventBus;
  /** Where the events of the runs are: the user's bus, or one of the server's own. */
  readonly bus: AnyBus;
  readonly #runs = new Map<string, ServedRun>();
  // The run that is under way in a thread, by the thread's stored name.
  readonly #threads = new Map<string, ServedRun>();
  #running = 0;
  #isClosed = false;

  constructor(config: AgentServerConfig, report: (error: unknown) => string) {
    const { maxRuns, maxRunsRetained, bus } = config;
    this.#config = config;
    this.#report = report;
    const bounds = {
      // A client that returns to a long answer needs all of it, and every token is an event.
      historyPerRun: 10_000,
      maxQueueSize: 10_000,
      maxRunsRetained: maxRuns + maxRunsRetained,
      onError: (error: Error) => void report(error),
    };
    this.#log = new EventBus({ ...bounds, maxEventBytes: 4 * 2 ** 20 });
    this.bus = bus ?? new EventBus(bounds);
  }

  /**
   * Begins a run.
   *
   * @param prompt What lists of runs show of it.
   * @throws {Refusal} With 503 if there are too many, with 409 if one is under way in the thread.
   */
  begin(
    principal: Principal,
    threadId: string | null,
    start: StartSegment,
    prompt?: string,
  ): ServedRun {
    const run = new ServedRun(randomHex(32), principal, threadId);
    this.#reserve(run);
    // A new prompt without an answer abandons the question.
    if (run.storedThreadId !== null) this.endThread(run.storedThreadId);
    this.#runs.set(run.id, run);
    this.#drive(run, start, prompt);
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
      // A client that got the question may answer before the run has paused.
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
      if (run.status === "paused" && run.storedThreadId === stored) this.#giveUp(run);
    }
  }

  /** Ends a run. False if it was over already. */
  async cancel(run: ServedRun): Promise<boolean> {
    // What has said its last word cannot be stopped any more; it may be a question.
    if (run.status === "running" && run.isFinishing) await run.segment.outcome;
    if (run.status === "ended") return false;
    if (run.status === "running") run.segment.cancel("Cancelled by its owner");
    else this.#giveUp(run);
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

  #drive(run: ServedRun, start: StartSegment, prompt?: string): void {
    this.#running++;
    run.status = "running";
    run.interrupt = null;
    run.isFinishing = false;
    const controller = new AbortController();
    run.segment = {
      outcome: this.#runSegment(run, () => start(run, controller.signal), prompt),
      cancel: (reason) => controller.abort(new DOMException(reason, "AbortError")),
    };
  }

  #runSegment(
    run: ServedRun,
    start: () => AgentRun,
    input: string | undefined,
  ): Promise<Outcome> {
    return this.#onBus(run, input, (own) => this.#follow(run, start, own));
  }

  /** Does something of a run on the bus, where it ends with it unless it waits. */
  #onBus<R>(
    run: ServedRun,
    input: string | undefined,
    work: (own: Run) => R,
  ): Promise<Awaited<R>> {
    // Our `report` doesn't throw; one of the user's must not keep a run from ending.
    const onError = (error: unknown) => void this.#report(error);
    const { bus } = this;
    return startRun({ runId: run.id, bus, input, onError }, work).result;
  }

  /** Reads the events of a segment into the log. Never rejects. */
  async #follow(run: ServedRun, start: () => AgentRun, own: Run): Promise<Outcome> {
    const log = this.#log.writer(run.id);
    let hasBegun = false;
    try {
      const events = start();
      for await (const event of events) {
        hasBegun ||= event.event_type !== "terminate";
        run.isFinishing = event.event_type === "interrupt" || event.event_type === "terminate";
        if (event.event_type === "interrupt") run.interrupt = event;
        log.write(event.event_type, event);
      }
      if (events.result === null) throw new Error("The run ended without a result");
      return { result: events.result };
    } catch (error) {
      own.setOutcome("error", error);
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
  }

  /** Ends a run that waits for an answer that can no longer come. */
  #giveUp(run: ServedRun): void {
    const isWaiting = run.status === "paused";
    this.#end(run);
    if (!isWaiting) return;
    void this.#onBus(run, undefined, (own) => own.setOutcome("cancelled"));
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
    if (run.status !== "ended") this.#giveUp(run);
    this.#runs.delete(run.id);
    this.#log.dropHistory(run.id);
    // What is on the user's bus is the user's.
    if (this.#config.bus === undefined) this.bus.dropHistory(run.id);
  }

  #cursorOf(run: ServedRun): string | null {
    return this.#log.runs().find(({ run_id }) => run_id === run.id)?.cursor ?? null;
  }
}

// People sleep.
const PAUSED_MS = 24 * 60 * 60_000;

/** A number on the wire as the log's own cursor. Anything else is passed on, and the log rejects it. */
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
