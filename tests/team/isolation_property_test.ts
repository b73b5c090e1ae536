/** Members serve many at the same time, and what is said in one run never gets into another. */

import { test } from "node:test";
import { assert } from "@std/assert";
import * as fc from "fast-check";
import { EventBus, withRun } from "../../mod.ts";
import { orchestrator, specialist } from "../../src/team/mod.ts";
import { scriptedModel } from "../../src/testing/mod.ts";
import { eventsOf } from "../agent/_support.ts";
import { foldSpans } from "../harness/support/span_tree.ts";
import { calls, prompts } from "./_support.ts";

/** Which secrets of users are in a text. */
function secretsIn(text: string): Set<string> {
  return new Set(text.match(/secret\d+/g) ?? []);
}

test("runs of one team at the same time share nothing", () =>
  fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: 6 }),
      fc.array(fc.nat({ max: 12 }), { minLength: 4, maxLength: 12 }),
      fc.integer({ min: 1, max: 3 }),
      async (users, waits, maxParallelSpecialists) => {
        let turn = 0;
        const wait = async () => {
          for (let left = waits[turn++ % waits.length]!; left > 0; left--) await Promise.resolve();
        };
        const inner = scriptedModel(async ({ prompt }) => {
          await wait();
          return `inner knows ${[...secretsIn(JSON.stringify(prompt))]}`;
        });
        const outer = scriptedModel(async ({ prompt }) => {
          await wait();
          const told = JSON.stringify(prompt);
          return told.includes("inner knows")
            ? `outer knows ${[...secretsIn(told)]}`
            : calls("inner", [...secretsIn(told)].join());
        });
        const tools = [specialist({ name: "inner", model: inner }).asTool()];
        const team = orchestrator({
          maxParallelSpecialists,
          specialists: ["a", "b"].map((id) => specialist({ id, name: id, model: outer, tools })),
        });
        const bus = new EventBus();
        const answers = await Promise.all(
          Array.from({ length: users }, (_, user) =>
            withRun({ runId: `r${user}`, bus }, () => team.execute(`secret${user}`))),
        );
        for (const text of [...prompts(inner), ...prompts(outer)]) {
          assert(secretsIn(text).size === 1, text);
        }
        for (const [user, { summary, error }] of answers.entries()) {
          assert(error === null && summary !== null);
          const events = eventsOf(bus, `r${user}`);
          foldSpans(events);
          for (const text of [summary, JSON.stringify(events)]) {
            assert([...secretsIn(text)].join() === `secret${user}`, text);
          }
        }
      },
    ),
    { numRuns: 40 },
  ));
