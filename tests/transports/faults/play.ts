/**
 * Plays a schedule on a world, heals it, and has what its readers wrote down checked.
 *
 * @module
 */
import type { StreamEvent, Subscription } from "@locus/core";
import { turn } from "../../harness/support/until.ts";
import { check, faultsOf, type Publication, type ReaderLine, type Report } from "./check.ts";
import { ALL, type From, RUNS, type Schedule, SEVERAL, type Step } from "./schedule.ts";
import type { CreateWorld, Process, World } from "./world.ts";

/** What came of a schedule: nothing, if all is well. */
export interface Outcome {
  readonly problems: readonly string[];
  readonly delivered: number;
}

/** @param limitMs How long the readers may take in the end until they have the last events. */
export async function play(
  { bounds, steps }: Schedule,
  createWorld: CreateWorld,
  limitMs = 20_000,
): Promise<Outcome> {
  const scene = new Scene();
  const onError = (process: number) => () => scene.publishInCallback(process);
  const world = await createWorld({ bounds, onError });
  scene.world = world;
  try {
    for (const step of steps) await scene.take(step, bounds.maxPendingEvents);
    const late = await scene.heal(limitMs);
    return scene.judge(steps, late, bounds.maxQueueSize);
  } finally {
    scene.leave();
    await world.end();
  }
}

/** How many events one callback publishes at most: what it leads to must come to an end. */
const MAX_CALLBACK_EVENTS = 5;

class Scene {
  world!: World;
  readonly #readers: Reading[] = [];
  readonly #publications: Publication[] = [];
  readonly #counts = new Map<string, number>();
  readonly #callbacks = new Map<number, number>();
  #time = 0;
  #isHealing = false;

  readonly #now = (): number => ++this.#time;

  /** An error was reported: a callback may publish. */
  publishInCallback(process: number): void {
    const count = this.#callbacks.get(process) ?? 0;
    if (count >= MAX_CALLBACK_EVENTS || this.world === undefined || this.#isHealing) return;
    this.#callbacks.set(process, count + 1);
    this.#publish(process, RUNS[count % RUNS.length]!, `onError ${process}`);
  }

  async take(step: Step, maxPendingEvents: number): Promise<void> {
    const { world } = this;
    switch (step.do) {
      case "publish":
        for (let i = 0; i < step.count; i++) this.#publish(step.at, step.run, `${step.at}`);
        return;
      case "flood":
        for (let i = 0; i < Math.min(2 * maxPendingEvents, 40); i++) {
          this.#publish(step.at, step.run, `${step.at}`);
        }
        return;
      case "read":
        return this.#read(step.at, step.run, step.from);
      case "move":
        return await this.#readers[step.reader]?.move(world.processes[step.at]!);
      case "stall":
      case "resume":
        return this.#readers[step.reader]?.stall(step.do === "stall");
      case "cut":
        return await world.processes[step.at]!.cut(step.side);
      case "sever":
      case "lag":
      case "mend":
        return await world.processes[step.at]![step.do]();
      case "wipe":
      case "restart":
        return await world[step.do]();
      case "evict":
        return await world.evict(step.run, step.what);
      case "punch":
        return await world.punch(step.run);
      case "wait":
        for (let i = 0; i < step.turns; i++) await world.turn();
    }
  }

  /**
   * Mends everything, and publishes to every run until all readers have got the last events: one that could not open
   * before may have to be there first. Those that never get them.
   */
  async heal(limitMs: number): Promise<readonly Reading[]> {
    const { processes } = this.world;
    this.#isHealing = true;
    for (const process of processes) await process.mend();
    for (const reader of this.#readers) reader.stall(false);
    const giveUpAt = performance.now() + limitMs;
    const flushed = () =>
      atMost(
        giveUpAt - performance.now(),
        Promise.all(processes.map(({ bus }) => bus.flushed())),
      );
    await flushed();
    for (const run of RUNS) for (const at of processes.keys()) this.#read(at, run, "history");
    let behind: readonly Reading[] = this.#readers;
    while (behind.length > 0 && performance.now() < giveUpAt) {
      const wanted = RUNS.flatMap((run) =>
        [...processes.keys()].map((at) => this.#publish(at, run, `last ${at}`))
      );
      await flushed();
      const isBehind = (reader: Reading) => !wanted.every((key) => reader.hasSeen(key));
      const lookAgainAt = performance.now() + 500;
      do {
        await turn();
        behind = this.#readers.filter(isBehind);
      } while (behind.length > 0 && performance.now() < lookAgainAt);
    }
    return behind;
  }

  judge(steps: readonly Step[], late: readonly Reading[], maxQueueSize: number): Outcome {
    // What may have been missed, the store may not know any more. Each may begin a run anew, once.
    const disturbing = maxQueueSize < 100 ? [...EMPTYING, "cut", "sever"] : EMPTYING;
    const disturbances = steps.filter((step) => disturbing.includes(step.do)).length;
    let delivered = 0;
    const problems = this.#readers.flatMap((reader) => {
      const report: Report = reader.report(this.#publications);
      delivered += report.delivered;
      const faults = Object.entries(faultsOf(report)).filter(([, count]) => count > 0);
      if (report.epochs > disturbances * reader.runs) {
        faults.push(["begun anew for nothing", report.epochs]);
      }
      if (late.includes(reader)) faults.push(["still waiting", 1]);
      if (faults.length === 0) return [];
      return [
        `${reader.name}: ${
          JSON.stringify(Object.fromEntries(faults))
        } ${report.missing}\n${reader.story()}`,
      ];
    });
    return { problems, delivered };
  }

  leave(): void {
    for (const reader of this.#readers) reader.leave();
  }

  #publish(at: number, run: string, by: string): string {
    const name = `${by} ${run}`;
    const n = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, n);
    this.#publications.push({ time: this.#now(), run, by, n });
    this.world.processes[at]!.bus.publish({
      run_id: run,
      event_type: "test.tick",
      data: { by, n },
    });
    return `${run} ${by} ${n}`;
  }

  #read(at: number, run: string, from: From): void {
    const name = `reader ${this.#readers.length} of ${run} (${from})`;
    const reader = new Reading(name, run, from, this.#now);
    this.#readers.push(reader);
    void reader.read(this.world.processes[at]!);
  }
}

/** Waits for a promise, and no longer than that. */
async function atMost(ms: number, promise: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => timer = setTimeout(resolve, Math.max(0, ms)));
  await Promise.race([promise, late]);
  clearTimeout(timer);
}

/** After which a run may begin anew. */
const EMPTYING: readonly string[] = ["wipe", "restart", "evict"];

/** Somebody who reads, now here, now there. */
class Reading {
  readonly name: string;
  readonly #run: string;
  readonly #from: From;
  readonly #now: () => number;
  readonly #lines: ReaderLine[] = [];
  readonly #seen = new Set<string>();
  #leaving = new AbortController();
  #subscription: Subscription<StreamEvent> | null = null;
  #over: Promise<void> = Promise.resolve();
  #stalled: PromiseWithResolvers<void> | null = null;

  constructor(name: string, run: string, from: From, now: () => number) {
    this.name = name;
    this.#run = run;
    this.#from = from;
    this.#now = now;
  }

  /** Reads until it leaves. One that is sent away comes back, as a client does. */
  read(process: Process, after?: string): Promise<void> {
    return this.#over = this.#keepReading(process, after);
  }

  /** Goes on at another process, after what it has. */
  async move(process: Process): Promise<void> {
    if (this.#subscription === null) return;
    this.leave();
    await this.#over;
    const after = this.#subscription.cursor;
    this.#leaving = new AbortController();
    void this.read(process, after);
  }

  stall(isStalled: boolean): void {
    this.#stalled?.resolve();
    this.#stalled = isStalled ? Promise.withResolvers() : null;
  }

  leave(): void {
    this.#leaving.abort();
    this.stall(false);
  }

  hasSeen(key: string): boolean {
    return this.#seen.has(key) || !this.#runs.some((run) => key.startsWith(`${run} `));
  }

  /** How many runs it reads. */
  get runs(): number {
    return this.#runs.length;
  }

  get #runs(): readonly string[] {
    return this.#run === ALL || this.#run === SEVERAL ? RUNS : [this.#run];
  }

  report(publications: readonly Publication[]): Report {
    const own = publications.filter(({ run }) => this.#runs.includes(run));
    return check(this.#lines, own, this.#run === ALL ? "all" : this.#from);
  }

  story(): string {
    return this.#lines.map((line) => {
      if (line.kind !== "event") return `  ${line.time} ${line.kind}`;
      const { event_id: id, run_id: run, data, position = "" } = line;
      return `  ${line.time} ${run} ${id} ${JSON.stringify(data)} ${position}`;
    }).join("\n");
  }

  async #keepReading(process: Process, after?: string): Promise<void> {
    const { signal } = this.#leaving;
    while (!signal.aborted) {
      const subscription = this.#run === ALL
        ? process.bus.subscribeGlobal({ signal, after })
        : process.bus.subscribe(this.#run === SEVERAL ? RUNS : this.#run, {
          signal,
          after,
          from: this.#from,
        });
      this.#subscription = subscription;
      subscription.opened?.then(() => this.#lines.push({ kind: "opened", time: this.#now() }))
        .catch(() => {});
      for await (const event of subscription) {
        const { run_id, event_id, event_type, data } = event;
        const copy = { ...data } as Record<string, unknown>;
        const position = subscription.runId === ALL ? subscription.cursor : undefined;
        const line = { run_id, event_id, event_type: event_type as string, data: copy, position };
        this.#lines.push({ kind: "event", time: this.#now(), ...line });
        this.#seen.add(`${run_id} ${copy.by} ${copy.n}`);
        if (this.#stalled !== null) await this.#stalled.promise;
      }
      this.#lines.push({ kind: "ended", time: this.#now(), why: String(subscription.ended) });
      after = subscription.cursor;
      await turn();
    }
  }
}
