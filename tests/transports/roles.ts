/**
 * What a process of its own does with a bus: publish until it is told to stop, or read until the run is closed.
 * What happened is written into a file, a line at a time, at once: the process may be killed at any moment.
 *
 * @module
 */
import { appendFileSync } from "node:fs";
import process from "node:process";
import type { SharedBus } from "../../src/transports/remote/shared_bus.ts";
import { turn } from "../harness/support/until.ts";
import type { Line } from "./lines.ts";

/** What a process is to do. */
export interface Role {
  readonly act: "publish" | "read" | "come too late";
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
  const write = (line: Line) => appendFileSync(role.log, `${JSON.stringify(line)}\n`);
  if (role.act === "publish") await publish(bus, role, write);
  else if (role.act === "read") await read(bus, role, write);
  await bus.close();
  if (role.act === "come too late") await comeTooLate(bus, role, write);
}

/** Uses a bus that was closed: nothing of it may keep the process. */
async function comeTooLate(bus: SharedBus, { run }: Role, write: (line: Line) => void) {
  void bus.subscribe(run);
  const global = bus.subscribeGlobal();
  bus.on({ run }, () => {});
  bus.publish({ run_id: run, event_type: "test.tick", data: {} });
  bus.closeStream(run);
  for await (const _ of global);
  write({ kind: "ended", time: now(), why: String(global.ended) });
}

async function publish(bus: SharedBus, { name, run }: Role, write: (line: Line) => void) {
  let isOver = false;
  process.stdin.once("end", () => isOver = true).resume();
  for (let n = 0; !isOver; await turn()) {
    const time = now();
    for (let i = 0; i < 3; i++) {
      bus.publish({ run_id: run, event_type: "test.tick", data: { by: name, n: ++n } });
    }
    await bus.flushed();
    write({ kind: "stored", time, run, by: name, n });
  }
}

async function read(bus: SharedBus, { run, after }: Role, write: (line: Line) => void) {
  const subscription = bus.subscribe(run, { after });
  for await (const { event_id, event_type, data } of subscription) {
    write({ kind: "event", time: now(), run_id: run, event_id, event_type, data: { ...data } });
  }
  write({ kind: "ended", time: now(), why: String(subscription.ended) });
}

/** The same for all processes of this machine. */
function now(): number {
  return performance.timeOrigin + performance.now();
}
