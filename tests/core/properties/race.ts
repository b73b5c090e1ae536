/**
 * Runs a program with steps that overtake each other: nothing waits for what a step leads to, except where
 * the program itself lets a few turns pass. What everybody got is judged afterwards, by the laws.
 *
 * Runs are not evicted here, so that it is known which incarnation of a run ended where.
 *
 * @module
 */
import { assert } from "@std/assert";
import { Driver } from "./driver.ts";
import type { Bounds, Op } from "./program.ts";
import type { Start } from "./reader.ts";
import { settle } from "./settings.ts";

/** What happened. */
export interface Race {
  readonly driver: Driver;
  readonly bounds: Bounds;
  /** For everybody who began to read: what they read. */
  readonly lives: ReadonlyMap<Start, Life>;
}

/** A run, or the stream of all runs, until it is closed and forgotten. */
export interface Life {
  /** How many events had been published, of all runs, when it was closed. */
  closedAt: number;
}

/** A step, and from where it is taken: from outside, or from within what another step leads to. */
export interface RaceStep {
  readonly op: Op;
  readonly from?: "getter" | "handler";
}

/** Runs a program, closes everything, and lets everybody read to the end. */
export async function race(steps: readonly RaceStep[], bounds: Bounds): Promise<Race> {
  const driver = new Driver({ ...bounds });
  const lives = new Map<Start, Life>();
  const current = new Map<number | null, Life>();
  const lifeOf = (run: number | null): Life => {
    if (!current.has(run)) current.set(run, { closedAt: Infinity });
    return current.get(run)!;
  };
  const close = (run: number | null) => {
    const life = lifeOf(run);
    life.closedAt = Math.min(life.closedAt, driver.published.length);
  };
  const perform = (op: Op) => {
    driver.perform(op);
    for (const { start } of [...driver.readers, ...driver.handlers]) {
      if (!lives.has(start)) lives.set(start, lifeOf(start.run));
    }
    if (op.op === "close") close(op.run);
    if (op.op === "closeAll") {
      close(null);
      current.delete(null);
    }
    if (op.op === "drop" && lifeOf(op.run).closedAt < Infinity) current.delete(op.run);
  };
  for (const { op, from } of steps) {
    if (from === "getter") driver.inGetter.push(() => perform(op));
    else if (from === "handler") driver.inHandler.push(() => perform(op));
    else perform(op);
    const turns = op.op === "tick" ? op.count : 0;
    for (let turn = 0; turn < turns; turn++) await null;
  }
  // What has not come about by now will not.
  driver.inGetter.length = driver.inHandler.length = 0;
  for (const run of current.keys()) {
    perform(run === null ? { op: "closeAll" } : { op: "close", run });
  }
  await finish(driver);
  return { driver, bounds, lives };
}

// A program publishes a thousand events at most.
const MOST_ROUNDS = 2_000;

async function finish({ handlers, readers }: Driver): Promise<void> {
  await settle();
  for (let round = 0; handlers.some(({ unfinished }) => unfinished.length > 0); round++) {
    assert(round < MOST_ROUNDS, "a handler is called without end");
    for (const handler of handlers) handler.finish(false);
    await settle();
  }
  let left = readers;
  for (let round = 0; left.length > 0; round++) {
    assert(round < MOST_ROUNDS, "a reader does not come to the end");
    left = left.filter((reader) => reader.subscription.ended === null);
    for (const reader of left) reader.read(8);
    await settle();
  }
  // Whoever asks once more, at the end, is told of it once more.
  for (const reader of readers) reader.read(1);
  await settle();
}
