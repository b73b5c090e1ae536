/**
 * Fails in the background in every way that there is, and lives to tell: on Node a rejection that nobody handles would
 * end the process. Prints the ends of its runs.
 *
 * @module
 */
import { EventBus, type Run, startRun, withRun } from "@locus/core";

const bus = new EventBus();

function fail(): never {
  throw new Error("broken");
}

const ways: Record<string, (run: Run) => unknown> = {
  "throws at once": fail,
  "rejects": () => Promise.reject(new Error("broken")),
  "rejects later": async () => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    fail();
  },
  "answers as a thenable": () => ({
    then: (_: unknown, reject: (e: Error) => void) => reject(new Error("broken")),
  }),
  "waits for what fails before it returns": async (run) => {
    run.waitUntil(Promise.reject(new Error("broken")));
    await new Promise((resolve) => setTimeout(resolve, 1));
  },
  "waits for what fails after it returned": (run) =>
    run.waitUntil(new Promise((_, reject) => setTimeout(() => reject(new Error("broken")), 1))),
  "waits for what fails when it is over": (run) => {
    setTimeout(() => run.waitUntil(Promise.reject(new Error("broken"))), 1);
  },
  "fails as it ends": (run) => run.onEnd(fail),
  "fails after it ended": (run) => run.onEnd(async () => await Promise.reject(new Error("broken"))),
};

const handlers: Record<string, ((error: unknown) => void) | undefined> = {
  "nobody": undefined,
  "somebody": () => {},
  "somebody who throws": fail,
  "somebody who rejects": (async () => await Promise.reject(new Error("broken"))) as () => void,
};

console.error = () => {};
const runs: Run[] = [];
for (const way of Object.values(ways)) {
  for (const onError of Object.values(handlers)) runs.push(startRun({ bus, onError }, way));
}
withRun({ bus }, (run) => {
  run.waitUntil(Promise.reject(new Error("broken")));
  runs.push(run);
  runs.push(startRun({ runId: run.id }, () => Promise.reject(new Error("broken"))));
});

await new Promise((resolve) => setTimeout(resolve, 50));
const ends = runs.map(({ id }) => bus.history({ run: id, type: "run.completed" }));
console.log(JSON.stringify(ends.map((events) => events.map(({ data }) => data.outcome).join())));
