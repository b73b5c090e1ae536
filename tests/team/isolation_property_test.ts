/** Members serve many at the same time, and what is said in one run never gets into another. */

import { test } from "node:test";
import { assert } from "@std/assert";
import fc from "../harness/support/property.ts";
import { EventBus, withRun } from "../../mod.ts";
import { handoffs, orchestrator, specialist, swarm } from "../../src/team/mod.ts";
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
        const desk = handoffs({
          carry: "all",
          agents: [
            {
              name: "front",
              model: scriptedModel(async () => {
                await wait();
                return { text: "One moment.", toolCalls: [{ toolName: "hand_off_to_back" }] };
              }),
            },
            { name: "back", model: inner },
          ],
        });
        const crew = swarm({ agents: ["x", "y"].map((id) => ({ id, name: id, model: inner })) });
        const bus = new EventBus();
        const answers = await Promise.all(
          Array.from({ length: users }, (_, user) =>
            withRun({ runId: `r${user}`, bus }, async () => {
              const secret = `secret${user}`;
              const [led, handed, done] = await Promise.all([
                team.execute(secret),
                desk.run("front", secret),
                crew.execute([{ description: secret }, { description: `also ${secret}` }]),
              ]);
              const error = led.error ?? handed.error ?? done.error;
              return { summary: [led.summary, handed.output, done.summary].join(), error };
            })),
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
