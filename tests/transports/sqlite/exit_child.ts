/**
 * A process that publishes and ends, in one way or another.
 *
 * @module
 */
import process from "node:process";
import { sqliteBus } from "@locus/core/transports/sqlite";

const [, , file = "", how] = process.argv;
const bus = sqliteBus({ path: file });
// Whoever listens waits for nobody else: no process has to stay for that.
bus.on("*", () => {});
for (let n = 1; n <= 1_000; n++) bus.publish({ run_id: "r", event_type: "test.tick", data: { n } });
if (how === "exit") process.exit(0);
