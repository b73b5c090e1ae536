/**
 * Other people's tests as tables: each case by the name that they gave it.
 *
 * @module
 */
import { test } from "node:test";
import { assertEquals } from "@std/assert";

/** A table of cases, and what is known about them. */
export interface Judgement {
  /** How many cases the judge has. */
  readonly total: number;
  /** Those that are run, by name. */
  readonly cases: Readonly<Record<string, () => void | Promise<void>>>;
  /** Those that fail, by name, with the reason. One that passes is an error: take it off the list. */
  readonly expectedFailures: Readonly<Record<string, string>>;
  /** Those that are not about us, by the reason. */
  readonly notApplicable: Readonly<Record<string, readonly string[]>>;
}

/** Registers a test for each case of a judge, and one that none is forgotten. */
export function judge(
  name: string,
  { total, cases, expectedFailures, notApplicable }: Judgement,
): void {
  for (const [id, run] of Object.entries(cases)) {
    const reason = expectedFailures[id];
    if (reason === undefined) test(`${name}: ${id}`, run);
    else test(`${name}: ${id} (fails: ${reason})`, () => mustFail(id, run));
  }

  test(`${name}: every case is run, or named with the reason why not`, () => {
    const named = [...Object.keys(cases), ...Object.values(notApplicable).flat()];
    assertEquals(named.length, new Set(named).size, "no case is named twice");
    assertEquals(named.length, total);
    assertEquals(Object.keys(expectedFailures).filter((id) => !(id in cases)), []);
  });
}

async function mustFail(id: string, run: () => void | Promise<void>): Promise<void> {
  const failed = await Promise.resolve().then(run).then(() => false, () => true);
  if (!failed) throw new Error(`"${id}" passes by now: take it off the list of expected failures`);
}
