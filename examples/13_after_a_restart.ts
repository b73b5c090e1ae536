/**
 * Runs that survive a restart: one line, no server.
 *
 * The bus keeps its runs in an SQLite file. After a restart they are there, in the same epoch, and a subscriber goes on
 * exactly where it was. Node 22.13, Deno and Bun bring SQLite with them.
 */
import { emit, withRun } from "@locus/core";
import { sqliteBus } from "@locus/core/transports/sqlite";
import { temporaryFile } from "./support/temporary_file.ts";

using file = temporaryFile("runs.db");
const { path } = file;
const seen: string[] = [];
let cursor = "";

{
  // In your program: setEventBus(sqliteBus({ path: "runs.db" })), once, where it starts.
  await using bus = sqliteBus({ path });
  await withRun({ runId: "order-42", name: "Order 42", bus }, () => {
    for (const step of ["picked", "packed", "shipped"]) {
      emit("shop.step", { step });
    }
  });
  for await (const event of bus.subscribe("order-42")) {
    seen.push(event.event_id);
    cursor = event.event_id;
    // The process is about to end here.
    if (seen.length === 2) break;
  }
}

{
  await using bus = sqliteBus({ path });
  const [run] = await bus.runs();
  console.log(
    `after the restart: ${run?.started?.data.name}, ${run?.completed?.data.outcome}`,
  );
  const subscription = bus.subscribe("order-42", { after: cursor });
  for await (const event of subscription) seen.push(event.event_id);
  console.log(
    `went on after ${cursor}: ${subscription.recovery}, ${seen.length} events in all`,
  );
  if (subscription.recovery !== "exact" || seen.length !== 5) {
    throw new Error("Something is missing");
  }
}
