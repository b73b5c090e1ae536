/** Consumes a value by a program, and writes down what its consumer can see. */
import process from "node:process";
import { settle } from "../../properties/settings.ts";
import { type Act, acts } from "./consumer.ts";
import type { Op } from "./program.ts";
import { type Kind, values, WITHOUT_RETURN } from "./values.ts";
import { GATES, type Script, World } from "./world.ts";

/** Calls a function, and returns what it returns or something like it. */
export type Wrap = <R>(fn: () => R) => R;

/** What is consumed. */
export interface Case {
  readonly kind: Kind;
  readonly name: string;
  readonly script: Script;
  readonly program: readonly Op[];
}

/** What a consumer saw, and what it did not handle. */
export interface Trace {
  readonly isSame: boolean;
  readonly keys: string[];
  readonly atOnce: string[];
  readonly channels: Record<string, string[]>;
  readonly unhandled: string[];
}

/**
 * Runs a program.
 *
 * @param wrap Who follows, if somebody does.
 * @param look Called at each step of the work.
 * @param atEnd Called with the value at the end.
 */
export async function trace(
  { kind, name, script, program }: Case,
  wrap: Wrap,
  look: () => void = () => {},
  atEnd: (value: unknown) => unknown = () => {},
): Promise<Trace> {
  const unhandled: string[] = [];
  const listen = (error: unknown) => void unhandled.push(String(error));
  process.on("unhandledRejection", listen);
  const world = new World(look, [...WITHOUT_RETURN].some((kind) => name.endsWith(kind)));
  const made: unknown[] = [];
  const value = wrap(() => {
    made.push(values[kind][name]!(world, script));
    return made[0];
  }) as never;
  const atOnce: string[] = [];
  const channels: Record<string, string[]> = {};
  const sort = () => {
    for (const note of world.log.splice(0)) {
      (channels[note.split(/(?<=\d)[ :]/)[0]!] ??= []).push(note);
    }
    for (const notes of Object.values(channels)) notes.push("|");
  };
  const keys = Reflect.ownKeys(Object(value)).filter((key) =>
    Object.prototype.propertyIsEnumerable.call(value, key)
  );
  const { calls, works } = acts[kind]!;
  let isWorking = false;
  const does = (n: number, act: Act | undefined) => {
    const before = world.log.length;
    try {
      void act?.(world, value, n);
    } catch (error) {
      world.note(`${n} threw ${error}`);
    }
    atOnce.push(...world.log.slice(before), "|");
  };
  for (const [n, op] of program.entries()) {
    if (op !== "wait" && "call" in op) does(n, calls[op.call % calls.length]);
    else if (op !== "wait" && "open" in op) world.open(op.open);
    else {
      await settle();
      sort();
      if (op !== "wait" && !isWorking) does(n, works[op.work % works.length]);
      isWorking ||= op !== "wait";
    }
    if (!isWorking) continue;
    await settle();
    sort();
  }
  for (let gate = 0; gate < GATES; gate++) {
    await settle();
    sort();
    world.open(gate);
  }
  for (let i = 0; i < 4; i++) await settle();
  sort();
  await atEnd(value);
  await settle();
  process.off("unhandledRejection", listen);
  return {
    isSame: made[0] === value,
    keys: keys.map(String).sort(),
    atOnce,
    channels,
    unhandled: unhandled.sort(),
  };
}
