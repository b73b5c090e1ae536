/** What the tests of pipelines share. */

import { EventBus, type StreamEvent, withRun } from "../../mod.ts";
import { MemoryCheckpointer } from "../../src/memory/mod.ts";
import type { AnyEvent } from "../harness/support/read.ts";

/** A thread that nobody else has. */
export function thread(threadId = "t1") {
  return { threadId, checkpointer: new MemoryCheckpointer() };
}

/** What `fn` says in a run, oldest first. */
export async function watch(
  fn: () => Promise<unknown>,
  bus: EventBus = new EventBus(),
  runId = "r1",
): Promise<StreamEvent[]> {
  await withRun({ runId, bus }, fn);
  return [...bus.history("*", { limit: 1000 })].reverse();
}

/** The payloads of one type. */
export function dataOf(events: readonly AnyEvent[], type: string) {
  return events.filter(({ event_type }) => event_type === type).map(({ data }) => data);
}

/** The types of the catalogue's family. */
export function compositionOf(events: readonly AnyEvent[]): string[] {
  return events.map(({ event_type }) => event_type)
    .filter((type) => type.startsWith("composition."))
    .map((type) => type.replace("composition.", ""));
}

/** Throws. */
export function fail(message: string): never {
  throw new Error(message);
}

/** Never answers, and does not listen to anybody. */
export function hang(): Promise<never> {
  return new Promise(() => {});
}
