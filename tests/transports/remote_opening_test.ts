/** What happens to a run while a process is just about to read it for the first time. */
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import type { Bus } from "@locus/core";
import { publish, readAll, readTo } from "../contract/observe.ts";
import { summarize } from "../harness/support/read.ts";
import { turn, until } from "../harness/support/until.ts";
import { createRemoteBus } from "./create_remote_bus.ts";
import { MemoryEngine } from "./memory_engine.ts";

const RUN = "r";

/** Two processes; while one reads for the first time, the other does something. */
async function meanwhile(act: (publisher: Bus) => void) {
  let isFirst = true;
  const engine = new MemoryEngine({
    async delayRead() {
      if (!isFirst) return;
      isFirst = false;
      act(publisher);
      await publisher.flushed();
      // The news is there before the answer.
      await turn();
    },
  });
  const [publisher, reader] = [createRemoteBus(engine), createRemoteBus(engine)];
  publish(publisher, RUN, 1);
  await publisher.flushed();
  const end = () => Promise.all([publisher.end(1_000), reader.end(1_000)]);
  return { publisher, reader, end };
}

test("An event that is stored while a run is being opened reaches its readers", async () => {
  const { reader, end } = await meanwhile((publisher) => publish(publisher, RUN, 2));
  assertEquals(summarize(await readTo(reader.subscribe(RUN), 2)), [1, 2]);
  await end();
});

test("A run that is closed while it is being opened ends", async () => {
  const { reader, end } = await meanwhile((publisher) => publisher.closeStream(RUN));
  assertEquals(summarize(await readAll(reader.subscribe(RUN))), [1]);
  await end();
});

test("Events that are dropped while a run is being opened are not kept", async () => {
  const { reader, end } = await meanwhile((publisher) => publisher.dropHistory(RUN));
  const subscription = reader.subscribe(RUN);
  await subscription.opened;
  await until("nothing is retained", () => reader.stats().retained_bytes === 0);
  await end();
});
