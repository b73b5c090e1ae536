/**
 * Reads all runs, leaves, and has nothing more to do: its process ends, though the bus keeps the log for a while.
 *
 * @module
 */
import { EventBus } from "@locus/core";

const bus = new EventBus();
await bus.subscribeGlobal().cancel();
bus.publish({ run_id: "r", event_type: "test.tick", data: {} });
console.log("left");
