/**
 * What a process of its own does with a bus: publish until it is told to stop, or read until the run is closed.
 * What happened is written into a file, a line at a time, at once: the process may be killed at any moment.
 *
 * @module
 */
import { appendFileSync } from "node:fs";
import process from "node:process";
import type { SharedBus } from "../../src/transports/remote/shared_bus.ts";
import { turn } from "../support/until.ts";
import type { LogLine } from "./checker.ts";

/** What a process is to do. */
export interface Role {
  readonly act: "publish" | "read";
  /** Its name, in events and in the log. */
  readonly name: string;
  readonly run: string;
  /** Where it writes down what happens. */
  readonly log: string;
  /** The id to read on after. */
  readonly after?: string;
}

/** Plays a role to its end. Standard input tells a publisher to stop by ending. */
export async function play(bus: SharedBus, role: Role): Promise<void> {
  const write = (line: LogLine) => appendFileSync(role.log, `${JSON.stringify(line)}\n`);
  if (role.act === "publish") await publish(bus, role, write);
  else await read(bus, role, write);
  await bus.close();
}

async function publish(bus: SharedBus, { name, run }: Role, write: (line: LogLine) => void) {
  let isOver = false;
  process.stdin.once("end", () => isOver = true).resume();
  for (let n = 0; !isOver; await turn()) {
    for (let i = 0; i < 3; i++) {
      bus.publish({ run_id: run, event_type: "test.tick", data: { by: name, n: ++n } });
    }
    await bus.flushed();
    write({ kind: "stored", by: name, n });
  }
}

async function read(bus: SharedBus, { run, after }: Role, write: (line: LogLine) => void) {
  const subscription = bus.subscribe(run, { after });
  for await (const { event_id, event_type, data } of subscription) {
    write({ kind: "event", event_id, event_type, data: { ...data } });
  }
  write({ kind: "ended", why: String(subscription.ended) });
}
