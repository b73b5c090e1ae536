/** The runner of the tables in this folder. */

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { EventBus } from "@locus/core";

/**
 * A natural mistake: what it is, the call that makes it, and what the error has to say. The call may also return a
 * promise that rejects.
 */
export type Mistake = readonly [what: string, call: () => unknown, says: string];

/**
 * Tests that every one of the mistakes is refused, by an error that names `owner` and says what was wrong.
 *
 * All rows of a function are one test, which shows all that fail.
 */
export function mistakes(owner: string, rows: readonly Mistake[]): void {
  test(`${owner} says what is wrong with what it is given`, async () => {
    const wrong: Record<string, string> = {};
    for (const [what, call, says] of rows) {
      const answer = await answerTo(call);
      const isGood = answer.startsWith(`refused: ${owner}`) && answer.includes(says);
      if (!isGood) wrong[what] = answer;
    }
    assertEquals(wrong, {});
  });
}

async function answerTo(call: () => unknown): Promise<string> {
  try {
    const result = call();
    // Nothing that can be iterated or awaited for ever: only promises.
    if (result instanceof Promise) await result;
    return "accepted";
  } catch (error) {
    const { name, message } = error as Error;
    const isOurs = (error instanceof TypeError || error instanceof RangeError) &&
      !/Cannot read|is not (a function|iterable|defined)|undefined \(/.test(message);
    return `${isOurs ? "refused" : `threw ${name}`}: ${message}`;
  }
}

/** A value in place of another type, for a call that the compiler would not let pass. */
export function wrong(value: unknown): never {
  return value as never;
}

/** What is never a bus, and how an error calls it. */
export function noBuses(owner: string, call: (bus: never) => unknown, says: string): void {
  const values: readonly [value: unknown, shown: string][] = [
    [null, "null"],
    [EventBus, CLASS],
    [Promise.resolve(new EventBus()), PROMISE],
    [{ bus: new EventBus() }, "an object"],
    [{}, "an object"],
    ["redis://localhost", '"redis://localhost"'],
    [new EventBus().subscribe("r1"), "a ReadableStream"],
    [() => {}, "a function"],
    [[], "an array"],
  ];
  mistakes(owner, values.map(([value, shown]) => [shown, () => call(wrong(value)), says + shown]));
}

/** What is never a place for options, and how an error calls it. */
export function noOptions(owner: string, call: (options: never) => unknown): void {
  const values: readonly [value: unknown, shown: string][] = [
    [null, "null"],
    ["text", '"text"'],
    [5, "5"],
    [true, "true"],
    [[], "an array"],
    [() => {}, "a function"],
    [EventBus, CLASS],
    [Promise.resolve({}), PROMISE],
    [new EventBus(), "an event bus"],
    [new Map(), "a Map"],
    [new Date(), "a Date"],
  ];
  const says = "options must be an object, got ";
  mistakes(owner, values.map(([value, shown]) => [shown, () => call(wrong(value)), says + shown]));
}

/** How an error calls a promise. */
export const PROMISE = "a promise; is `await` missing?";
/** How an error calls a class. */
export const CLASS = "a class; is `new` missing?";
