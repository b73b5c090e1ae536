/**
 * Runs a program on a real bus and on the model, side by side, and compares everything that can be seen after
 * every step.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { EventBus, type EventCatalogue } from "@locus/core";
import type { AnyEvent } from "../../harness/support/read.ts";
import { BusModel } from "./bus_model.ts";
import { Driver, placeOf, runId } from "./driver.ts";
import type { Handler } from "./handler.ts";
import type { ModelHandler, ModelReader, Token } from "./model_log.ts";
import { type Bounds, type Op, selections, selects, types } from "./program.ts";
import type { Answer, Reader } from "./reader.ts";
import { settle } from "./settings.ts";

type ReadonlyBusGap = EventCatalogue["bus.gap"] & Record<string, unknown>;

/** A bus and its model, that went the same way. */
export class Pair {
  readonly driver: Driver;
  readonly model: BusModel;
  readonly bounds: Bounds;
  // Epochs are random; what counts is that two are the same when the model's lives are.
  readonly #lives = new Map<string, number>();
  readonly #epochs = new Map<number, string>();
  // How much of what each was given is compared already.
  readonly #compared = new Map<object, number>();

  constructor(bounds: Bounds) {
    this.bounds = bounds;
    this.driver = new Driver({ ...bounds });
    this.model = new BusModel(bounds);
  }

  /** Takes one step on both sides, lets everything happen that follows from it, and compares. */
  async step(op: Op): Promise<void> {
    this.#expect(op);
    this.driver.perform(op);
    this.model.settle();
    await settle();
    this.compare();
  }

  /** What a step changes in the model; the driver is still where it was. */
  #expect(op: Op): void {
    const { driver, model } = this;
    switch (op.op) {
      case "publish":
        for (let n = driver.nextNumber; n < driver.nextNumber + op.count; n++) {
          model.publish(runId(op.run), types[op.type]!, n, bytesOf(op.text));
        }
        return;
      case "refused":
        model.rejected++;
        return;
      case "subscribe": {
        const start = op.from === "live" ? model.live : model.fromHistory;
        model.subscribe(runId(op.run), op.via, matching(op.select), start.bind(model));
        return;
      }
      case "subscribeAll":
        model.subscribeAll(op.via, matching(op.select));
        return;
      case "resume": {
        const { epoch, seq } = placeOf(driver.cursorOf(op));
        const place = op.cursor === "garbage" ? null : { life: this.#lifeOf(epoch), seq };
        model.subscribe(runId(op.run), op.via, () => true, (log) => model.after(log, place));
        return;
      }
      case "resumeAll": {
        const { epoch, seq } = placeOf(driver.cursorOf({ ...op, run: null }));
        const place = op.cursor === "garbage" ? null : { life: this.#lifeOf(epoch), seq };
        model.subscribeAll(op.via, () => true, (log) => model.after(log, place));
        return;
      }
      case "read": {
        const [, reader] = this.#reader(op.reader);
        if (reader !== undefined) reader.asked += op.count;
        return;
      }
      case "handOver": {
        const [real, reader] = this.#reader(op.reader);
        if (!real?.canHandOver) return;
        const kind = real.via === "stream" ? "released" : "end";
        for (; reader!.asked > 0; reader!.asked--) reader!.answers.push([{ kind }]);
        reader!.via = op.via;
        return;
      }
      case "leave": {
        const [, reader] = this.#reader(op.reader);
        if (reader !== undefined) model.leave(reader, "cancelled");
        return;
      }
      case "on":
        model.on(op.run === null ? null : runId(op.run), op.from, op.concurrency, op.kind);
        return;
      case "finish": {
        const [real, handler] = this.#handler(op.handler);
        if (real !== undefined && real.unfinished.length > 0) handler!.running--;
        return;
      }
      case "off": {
        const [, handler] = this.#handler(op.handler);
        if (handler !== undefined) model.leave(handler, "cancelled");
        return;
      }
      case "drained":
        return model.drained(runId(op.run));
      case "close":
        return model.close(runId(op.run));
      case "closeAll":
        return model.closeAll();
      case "drop":
        return model.drop(runId(op.run));
      case "history":
        return this.#compareHistory(op);
    }
  }

  #reader(index: number): [Reader?, ModelReader?] {
    const { driver, model } = this;
    return [driver.pickReader(index), model.readers[index % model.readers.length]];
  }

  #handler(index: number): [Handler?, ModelHandler?] {
    const { driver, model } = this;
    return [driver.pickHandler(index), model.handlers[index % model.handlers.length]];
  }

  /** Compares all that can be seen. */
  compare(): void {
    const { driver, model } = this;
    driver.readers.forEach((reader, i) => this.#compareReader(reader, model.readers[i]!, i));
    driver.handlers.forEach((handler, i) => {
      const { calls, running, concurrency } = model.handlers[i]!;
      const done = this.#compared.get(handler) ?? 0;
      this.#compareTokens(handler.calls.slice(done), calls.slice(done), `handler ${i}`);
      this.#compared.set(handler, calls.length);
      same(handler.unfinished.length, running, `unfinished calls of handler ${i}`);
      assert(handler.mostUnfinished <= concurrency, `concurrency of handler ${i}`);
    });
    driver.drains.forEach(({ isOver }, i) => {
      const { mayBeOver, mustBeOver } = model.drains[i]!;
      assert(isOver ? mayBeOver : !mustBeOver, `drained() ${i} is ${isOver ? "" : "not "}over`);
    });
    this.#compareStats();
  }

  #compareReader(reader: Reader, expected: ModelReader, index: number): void {
    const who = `reader ${index}`;
    same(reader.subscription.ended, expected.ended, `end of ${who}`);
    same(reader.asked, expected.asked, `requests of ${who} that are not answered`);
    same(reader.subscription.recovery, expected.recovery, `recovery of ${who}`);
    const { epoch, seq } = placeOf(reader.subscription.cursor);
    const isToldLater = expected.announce !== null;
    const place = (isToldLater ? expected.after : null) ??
      { life: expected.log.life, seq: isToldLater ? 0 : expected.at };
    same(seq, place.seq, `cursor of ${who}`);
    this.#compareLife(epoch, place.life, who);
    const { answers } = reader;
    same(answers.length, expected.answers.length, `answers to ${who}`);
    for (let i = this.#compared.get(reader) ?? 0; i < answers.length; i++) {
      this.#compareTokens(answers[i]!, expected.answers[i]!, `answer ${i} to ${who}`);
    }
    this.#compared.set(reader, answers.length);
  }

  #compareTokens(answer: Answer, expected: readonly Token[], where: string): void {
    if (typeof answer === "string") {
      return same([{ kind: answer }], expected, where);
    }
    const tokens = answer.map((event, i) => this.#tokenOf(event, expected[i], where));
    same(tokens, expected, where);
  }

  #tokenOf(event: AnyEvent, expected: Token | undefined, where: string): Token {
    const { epoch, seq } = placeOf(event.event_id);
    const life = expected !== undefined && "life" in expected ? expected.life : 0;
    this.#compareLife(epoch, life, where);
    if (event.event_type !== "bus.gap") {
      return { kind: "event", life, seq, n: event.data.n as number };
    }
    const { from_seq: from, to_seq: to, count, reason } = event.data as ReadonlyBusGap;
    same([count, seq], [to - from + 1, to], `count and id of the gap in ${where}`);
    return { kind: "gap", life, from, to, reason };
  }

  #compareLife(epoch: string, life: number, where: string): void {
    if (!this.#lives.has(epoch) && !this.#epochs.has(life)) {
      this.#lives.set(epoch, life);
      this.#epochs.set(life, epoch);
    }
    same(this.#lives.get(epoch), life, `life that epoch ${epoch} belongs to, ${where}`);
    same(this.#epochs.get(life), epoch, `epoch of life ${life}, ${where}`);
  }

  #lifeOf(epoch: string): number {
    return this.#lives.get(epoch) ?? 0;
  }

  #compareStats(): void {
    const { driver, model } = this;
    const { queue_depths, placeholders_total: _, ...stats } = driver.bus.stats();
    const read = [...model.runs.values()].filter(({ readers }) => readers.length > 0);
    const readers = model.all?.readers ?? [];
    const expected = {
      active_runs: read.length,
      global_subscribers: readers.filter((reader) => !("kind" in reader)).length,
      history_runs: model.retained.length,
      dropped_events_total: model.dropped,
      published_events_total: model.accepted.length,
      rejected_events_total: model.rejected,
      evicted_runs_total: model.evicted,
      retained_bytes: model.bytes,
    };
    same(stats, expected, "stats()");
    for (const { name, readers } of read) {
      same(queue_depths[name], readers.map(({ depth }) => depth), `pending in ${name}`);
    }
  }

  #compareHistory({ run, type, limit }: Extract<Op, { op: "history" }>): void {
    const { driver, model } = this;
    const selection = selections[type] ?? "*";
    const filter = { type: selection, ...run === null ? {} : { run: runId(run) } };
    const events = driver.bus.history(filter, { limit }) as unknown[] as AnyEvent[];
    const logs = run === null ? [...model.runs.values()] : [model.runs.get(runId(run))];
    const expected = logs.flatMap((log) => log?.held ?? [])
      .filter((entry) => selects(selections[type], entry.type))
      .sort((a, b) => b.n - a.n).slice(0, limit);
    same(events.map(({ data }) => data.n), expected.map(({ n }) => n), "history()");
  }
}

/** Runs a program to its end, and then to where nobody reads or waits any more; asks `law` after every step. */
export async function runAgainstModel(
  ops: readonly Op[],
  bounds: Bounds,
  law: (pair: Pair) => void = () => {},
): Promise<void> {
  const pair = new Pair(bounds);
  for (const op of ops) {
    await pair.step(op);
    law(pair);
  }
  await leaveAll(pair);
}

/** Everybody leaves, and nothing of them may be left. */
export async function leaveAll({ driver, model }: Pair): Promise<void> {
  for (const [i, reader] of driver.readers.entries()) {
    reader.leave("return");
    model.leave(model.readers[i]!, "cancelled");
  }
  for (const [i, handler] of driver.handlers.entries()) {
    handler.leave("call");
    model.leave(model.handlers[i] as ModelHandler, "cancelled");
  }
  await settle();
  const { active_runs, queue_depths, global_subscribers } = driver.bus.stats();
  assertEquals(active_runs, 0, "runs that somebody still reads");
  assertEquals(Object.keys(queue_depths), [], "readers that are still counted");
  assertEquals(global_subscribers, 0, "readers of all runs that are still counted");
  assertEquals(driver.listeners.total, 0, "listeners that are left on signals");
  for (const reader of driver.readers) assertEquals(reader.asked, 0, "requests left unanswered");
  for (const { isOver } of driver.drains) assert(isOver, "drained() waits for nobody");
}

/** `assertEquals()` for what nearly always is equal: that is found out more cheaply. */
function same(actual: unknown, expected: unknown, what: string): void {
  if (actual === expected || JSON.stringify(actual) === JSON.stringify(expected)) return;
  assertEquals(actual, expected, what);
}

function matching(select: number): (type: string) => boolean {
  return (type) => selects(selections[select], type);
}

const bytes = new Map<number, number>();

/** What the bus counts for a payload with a text of that length. */
function bytesOf(text: number): number {
  if (!bytes.has(text)) {
    const bus = new EventBus();
    bus.publish({ run_id: "r", event_type: "test.a", data: { n: 0, text: "x".repeat(text) } });
    bytes.set(text, bus.stats().retained_bytes);
  }
  return bytes.get(text)!;
}
