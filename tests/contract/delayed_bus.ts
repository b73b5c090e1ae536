import type {
  Appended,
  AppendingBus,
  AppendOptions,
  BusStats,
  DrainedOptions,
  EventBus,
  EventDraft,
  EventSelector,
  HistoryOptions,
  NoEvents,
  Off,
  OnOptions,
  RunInfo,
  RunWriter,
  SelectedEvent,
  StreamEvent,
  SubscribeGlobalOptions,
  SubscribeOptions,
  Subscription,
  WaitForOptions,
} from "@locus/core";
import { isRunId } from "../../src/events/identifiers.ts";

/**
 * A bus that is a while away: what is done to it happens later, in the order in which it was done, and its
 * history comes as a promise. It keeps the contract of every bus, so the contract expects nothing at once.
 */
export class DelayedBus implements AppendingBus {
  readonly #bus: EventBus;
  #last: Promise<void> = Promise.resolve();
  #sent = 0;

  constructor(bus: EventBus) {
    this.#bus = bus;
  }

  publish<T extends string>(draft: EventDraft<T>): void {
    const copy = copyOf(draft);
    this.#later(() => this.#bus.publish(copy as EventDraft));
  }

  writer(runId: string): RunWriter {
    const writer = this.#bus.writer(runId);
    return {
      write: (eventType, data) => {
        const copy = copyOf(data);
        this.#later(() => writer.write(eventType, copy));
      },
    };
  }

  append<T extends string>(
    runId: string,
    drafts: readonly EventDraft<T>[],
    options?: AppendOptions,
  ): Promise<Appended> {
    const copy = copyOf(drafts) as readonly EventDraft<T>[];
    return this.#asked(() => this.#bus.append(runId, copy, options));
  }

  claim(runId: string, producerId: string): Promise<number> {
    return this.#asked(() => this.#bus.claim(runId, producerId));
  }

  subscribe<F extends object = NoEvents>(
    runId: string | readonly string[],
    options?: SubscribeOptions<F>,
  ): Subscription<StreamEvent<NoEvents & F>> {
    return this.#bus.subscribe(runId, options);
  }

  subscribeGlobal<F extends object = NoEvents>(
    options?: SubscribeGlobalOptions<F>,
  ): Subscription<StreamEvent<NoEvents & F>> {
    return this.#bus.subscribeGlobal(options);
  }

  on<const P extends string>(
    selector: EventSelector<P>,
    handler: (event: SelectedEvent<P>) => unknown,
    options?: OnOptions,
  ): Off {
    return this.#bus.on(selector, handler, options);
  }

  waitFor<const P extends string>(
    selector: EventSelector<P>,
    options?: WaitForOptions,
  ): Promise<SelectedEvent<P>> {
    return this.#bus.waitFor(selector, options);
  }

  async history<const P extends string>(
    selector?: EventSelector<P>,
    options?: HistoryOptions,
  ): Promise<SelectedEvent<P>[]> {
    await pause(1);
    return this.#bus.history(selector, options);
  }

  async runs(): Promise<RunInfo[]> {
    await pause(1);
    return this.#bus.runs();
  }

  async drained(runId: string, options?: DrainedOptions): Promise<void> {
    await this.#last;
    return this.#bus.drained(runId, options);
  }

  closeStream(runId: string): void {
    checkRunId(runId);
    this.#later(() => this.#bus.closeStream(runId));
  }

  dropHistory(runId: string): void {
    checkRunId(runId);
    this.#later(() => this.#bus.dropHistory(runId));
  }

  closeGlobal(): void {
    this.#later(() => this.#bus.closeGlobal());
  }

  stats(): BusStats {
    return this.#bus.stats();
  }

  /** Resolves when everything has happened that was to happen later. */
  get settled(): Promise<void> {
    return this.#last;
  }

  #asked<T>(ask: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => this.#later(() => void ask().then(resolve, reject)));
  }

  #later(act: () => void): void {
    // Several arrive together, then comes a pause, as on a wire.
    const isPause = this.#sent++ % 16 === 0;
    this.#last = this.#last.then(() => isPause ? pause(2) : undefined).then(act);
  }
}

/** A payload as it was, because what arrives later must not have changed on the way. */
function copyOf(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch {
    // What cannot be cloned is what the bus behind replaces by placeholders.
    return value;
  }
}

function checkRunId(runId: string): void {
  if (!isRunId(runId)) throw new TypeError(`DelayedBus: ${runId} is no run id`);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
