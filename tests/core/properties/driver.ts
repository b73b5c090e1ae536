/**
 * Carries out the steps of a program on a real bus, and keeps what came of them.
 *
 * @module
 */
import { type Bus, EventBus, type EventBusOptions, type StreamEvent } from "@locus/core";
import { Handler } from "./handler.ts";
import { ListenerCount } from "./listener_count.ts";
import { type Op, selections, types, type Via } from "./program.ts";
import { Reader } from "./reader.ts";

type Step<K extends Op["op"]> = Extract<Op, { op: K }>;

/** An event that was published and not refused. */
export interface Published {
  readonly n: number;
  readonly run: number;
  readonly type: string;
}

/** A bus under a program. */
export class Driver {
  readonly bus: EventBus;
  readonly readers: Reader[] = [];
  readonly handlers: Handler[] = [];
  readonly drains: { isOver: boolean }[] = [];
  /** What was accepted, in the order of publishing. */
  readonly published: Published[] = [];
  /** The number of the next event. */
  nextNumber = 0;
  /** The listeners that the bus has on the signals it was given. */
  readonly listeners = new ListenerCount();
  /** Steps to take while the next payload is read, and while the next handler is called. */
  readonly inGetter: (() => void)[] = [];
  readonly inHandler: (() => void)[] = [];
  readonly #writers = new Map<number, ReturnType<Bus["writer"]>>();

  constructor(options: EventBusOptions) {
    this.bus = new EventBus({ ...options, onError() {} });
  }

  /** Takes a step. One that names a reader or a handler where there is none does nothing. */
  perform(op: Op): void {
    const { bus } = this;
    switch (op.op) {
      case "publish":
        for (let i = 0; i < op.count; i++) this.#publish(op);
        return;
      case "refused":
        this.#send(op.run, "no type at all", {}, op.writer);
        return;
      case "subscribe": {
        const options = { from: op.from, select: selections[op.select] };
        return this.#read(
          op.run,
          op.via,
          options,
          (signal) => bus.subscribe(runId(op.run), { ...options, signal }),
        );
      }
      case "subscribeAll": {
        const options = { select: selections[op.select] };
        return this.#read(
          null,
          op.via,
          options,
          (signal) => bus.subscribeGlobal({ ...options, signal }),
        );
      }
      case "resume": {
        const after = this.cursorOf(op);
        return this.#read(
          op.run,
          op.via,
          { after },
          (signal) => bus.subscribe(runId(op.run), { after, signal }),
        );
      }
      case "resumeAll": {
        const after = this.cursorOf({ ...op, run: null });
        return this.#read(
          null,
          op.via,
          { after },
          (signal) => bus.subscribeGlobal({ after, signal }),
        );
      }
      case "read":
        return this.pickReader(op.reader)?.read(op.count);
      case "handOver": {
        const reader = this.pickReader(op.reader);
        if (reader?.canHandOver) reader.handOver(op.via);
        return;
      }
      case "leave": {
        const reader = this.pickReader(op.reader);
        if (reader?.hasLeft === false) reader.leave(op.how);
        return;
      }
      case "on":
        return this.#on(op);
      case "finish":
        return this.pickHandler(op.handler)?.finish(op.fails);
      case "off":
        return this.pickHandler(op.handler)?.leave(op.how);
      case "drained":
        return this.#drained(op);
      case "close":
        return bus.closeStream(runId(op.run));
      case "closeAll":
        return bus.closeGlobal();
      case "drop":
        return bus.dropHistory(runId(op.run));
    }
  }

  pickReader(index: number): Reader | undefined {
    return this.readers[index % this.readers.length];
  }

  pickHandler(index: number): Handler | undefined {
    return this.handlers[index % this.handlers.length];
  }

  /** The place that a step resumes from: another reader's, or one that nobody had. */
  cursorOf(
    { run, reader, cursor }: Pick<Step<"resume">, "reader" | "cursor"> & { run: number | null },
  ): string {
    const others = cursor === "otherRun"
      ? this.readers
      : this.readers.filter((other) => other.run === run);
    const own = others[reader % others.length]?.subscription.cursor ?? "x-1";
    const { epoch, seq } = placeOf(own);
    if (cursor === "garbage") return `${epoch}-0${seq}`;
    if (cursor === "beyond") return `${epoch}-${seq + 1_000}`;
    return own;
  }

  #publish({ run, type, text, writer }: Step<"publish">): void {
    const data = { n: 0, text: "x".repeat(text) };
    const inside = this.inGetter.splice(0);
    if (inside.length > 0) {
      // The event has its number when it is taken: after what happened while its payload was read.
      Object.defineProperty(data, "n", {
        enumerable: true,
        get: () => {
          for (const step of inside.splice(0)) step();
          return this.nextNumber;
        },
      });
    } else data.n = this.nextNumber;
    this.#send(run, types[type]!, data, writer);
    // It was taken if the bus has counted more than we did.
    if (this.bus.stats().published_events_total > this.published.length) {
      this.published.push({ n: this.nextNumber, run, type: types[type]! });
    }
    this.nextNumber++;
  }

  #send(run: number, event_type: string, data: object, viaWriter: boolean): void {
    if (viaWriter) {
      const writer = this.#writers.get(run) ?? this.bus.writer(runId(run));
      this.#writers.set(run, writer);
      writer.write(event_type, data);
    } else this.bus.publish({ run_id: runId(run), event_type, data });
  }

  #read(
    run: number | null,
    via: Via,
    options: { from?: "history" | "live"; after?: string; select?: Reader["select"] },
    subscribe: (signal: AbortSignal) => Reader["subscription"],
  ): void {
    const abort = this.listeners.createAbort();
    const joinedAt = this.published.length;
    const subscription = subscribe(abort.signal);
    const { from = run === null ? "live" : "history", after = null, select } = options;
    const at = placeOf(subscription.cursor).seq;
    const start = { run, from, after, select, joinedAt, at };
    this.readers.push(new Reader(subscription, start, via, abort));
  }

  #on(op: Step<"on">): void {
    const { run, concurrency } = op;
    const from = run === null ? "live" : op.from;
    const abort = this.listeners.createAbort();
    const joinedAt = this.published.length;
    const start = { run, from, after: null, select: undefined, joinedAt, at: null };
    const handler = new Handler(op, start, abort);
    const { onGap } = handler;
    const handle = (event: StreamEvent) => {
      for (const step of this.inHandler.splice(0)) step();
      return handler.handle(event);
    };
    const where = run === null ? {} : { run: runId(run), from };
    const options = { concurrency, onGap, signal: abort.signal, ...where };
    handler.off = this.bus.on("*", handle, options);
    this.handlers.push(handler);
  }

  #drained({ run }: Step<"drained">): void {
    const drain = { isOver: false };
    this.drains.push(drain);
    void this.bus.drained(runId(run)).then(() => (drain.isOver = true));
  }
}

/** The id of the run of that index. */
export function runId(run: number): string {
  return `run-${run}`;
}

/** The two parts of an event's id. */
export function placeOf(eventId: string): { epoch: string; seq: number } {
  const [epoch = "", seq] = eventId.split("-");
  return { epoch, seq: Number(seq) };
}
