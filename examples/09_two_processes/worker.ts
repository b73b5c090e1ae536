/** A worker: what it does can be followed from everywhere, and it knows nothing of that. */
import process from "node:process";
import { emit, getEventBus, runContext } from "@locus/core";
import { shareBus } from "./bus.ts";

const [runId = "lunch", prefix] = process.argv.slice(2);
const bus = await shareBus(prefix);

await runContext({ runId }, async () => {
  for (const step of ["wash", "cut", "fry"]) {
    emit("kitchen.step", { step });
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
});

getEventBus().closeStream(runId);
// Stores what is still on its way.
await bus.close();
process.exit();
