import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { closed, publish, readAll } from "../../contract/observe.ts";
import { summarize } from "../../harness/support/read.ts";
import { needs, onStage, withLosses } from "./scene.ts";

const RUN = "run";

for (const lost of [1, 2, 4]) {
  test(
    `natsBus(): a reading that loses message ${lost} of 4 on its way is read again`,
    needs,
    async () => {
      await onStage(async ({ prefix, bus }) => {
        const here = await bus();
        for (const n of [1, 2, 3]) {
          publish(here, RUN, n);
          await here.flushed();
        }
        await closed(here, RUN);
        let heard = 0;
        const isLost = (subject: string) =>
          subject.startsWith(`${prefix}.read.`) && ++heard === lost;
        const there = await bus({}, (connection) => withLosses(connection, isLost));
        assertEquals(summarize(await readAll(there.subscribe(RUN))), [1, 2, 3]);
        assert(heard > 4);
      });
    },
  );
}
