/** A research with a hundred searches that dies at any operation of its storage. */

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import fc from "../harness/support/property.ts";
import { check } from "../core/properties/settings.ts";
import { Mortal, STORES } from "../graph/_stores.ts";
import { recoverResearch, runResearch } from "../../src/research/mod.ts";
import { scripted } from "./_support.ts";

test("a research of a hundred searches goes on from the last that ended, wherever it died", () =>
  check(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 5, max: 400 }), {
        minLength: 1,
        maxLength: 6,
      }),
      async (lives) => {
        const queries = Array.from(
          { length: 100 },
          (_, i) => `rust number ${i} never sleeps`,
        );
        const store = STORES["memory"]!();
        const stored = new Set<string>();
        const repeated: string[] = [];
        const all: string[] = [];
        for (const operations of [...lives, null]) {
          const mortal = new Mortal(operations, (value) => {
            for (const query of queries) {
              if (value.includes(`${query}.`)) stored.add(query);
            }
          });
          const before = new Set(stored);
          const { workflow, asked } = scripted({ queries: [queries] });
          const at = { threadId: "t", checkpointer: store.open(mortal) };
          const living = {
            threadId: "t",
            checkpointer: store.open(new Mortal(null, () => {})),
          };
          const { value: head } = await workflow.history("t", living).next();
          const going = head === undefined
            ? runResearch(workflow, "Does rust sleep?", at)
            : head.kind === "end"
            ? Promise.resolve(null)
            : recoverResearch(workflow, at);
          const result = await Promise.race([going, mortal.died]);
          repeated.push(...asked.filter((query) => before.has(query)));
          all.push(...asked);
          if (operations !== null || result === null) continue;
          assertEquals(result.stop_reason, "grounded");
          assertEquals(
            result.facts.map(({ source }) => source).filter((s) => s === "search").length,
            100,
          );
        }
        assertEquals([repeated, new Set(all).size], [[], 100]);
      },
    ),
    20,
  ));
