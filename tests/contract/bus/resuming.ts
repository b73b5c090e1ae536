import { assert, assertEquals } from "@std/assert";
import { summarize } from "../../harness/support/read.ts";
import { arrived, count, dropped, epochOf, publish, readAll, readTo } from "../observe.ts";
import type { Register } from "./register.ts";

/** How a reader goes on where another stopped. */
export function resuming(promise: Register): void {
  promise("a reader resumes after any event, with nothing missing", async (bus, run) => {
    publish(bus, run, ...count(1, 5));
    bus.closeStream(run);
    const events = await readAll(bus.subscribe(run));
    for (const [i, { event_id }] of events.entries()) {
      const resumed = bus.subscribe(run, { after: event_id });
      assertEquals(summarize(await readAll(resumed)), count(i + 2, 5));
      assertEquals(resumed.recovery, "exact");
    }
  });

  promise("a subscription's cursor resumes where it was left", async (bus, run) => {
    publish(bus, run, ...count(1, 5));
    const first = bus.subscribe(run);
    const seen = await readTo(first, 3);
    publish(bus, run, 6);
    bus.closeStream(run);
    assertEquals(first.cursor, seen.at(-1)!.event_id);
    const rest = await readAll(bus.subscribe(run, { after: first.cursor }));
    assertEquals(summarize([...seen, ...rest]), count(1, 6));
    await first.cancel();
  });

  promise("a reader that resumes too late is told exactly what is gone", async (bus, run) => {
    publish(bus, run, ...count(1, 20));
    const first = bus.subscribe(run);
    const [, , , fourth] = await readTo(first, 20);
    await first.cancel();
    publish(bus, run, ...count(21, 520));
    await arrived(bus, run, 520);
    bus.closeStream(run);
    const resumed = bus.subscribe(run, { after: fourth!.event_id });
    const events = await readAll(resumed);
    assertEquals(summarize(events.slice(0, 2)), ["gap:evicted 5-20", 21]);
    assertEquals(events.length, 501);
    assertEquals(resumed.recovery, "gap");
    const behind = await readAll(bus.subscribe(run, { after: events[0]!.event_id }));
    assertEquals(summarize(behind), count(21, 520));
  });

  for (const after of ["", "x", "-1", "1e9", "é-1", `${"x".repeat(10_000)}-1`]) {
    const name = JSON.stringify(after.slice(0, 10));
    promise(`a cursor that is none (${name}) starts anew, and says so`, async (bus, run) => {
      publish(bus, run, 1, 2);
      bus.closeStream(run);
      const resumed = bus.subscribe(run, { after });
      assertEquals(summarize(await readAll(resumed)), ["gap:unknown_cursor 1-0", 1, 2]);
      assertEquals(resumed.recovery, "restarted");
    });
  }

  promise("a cursor beyond the newest event starts anew, and says so", async (bus, run) => {
    publish(bus, run, 1, 2);
    bus.closeStream(run);
    const [event] = await readAll(bus.subscribe(run));
    const resumed = bus.subscribe(run, { after: `${epochOf(event!)}-9` });
    assertEquals(summarize(await readAll(resumed)), ["gap:unknown_cursor 1-0", 1, 2]);
    assertEquals(resumed.recovery, "restarted");
  });

  promise("a cursor of before a drop starts anew, and says so", async (bus, run) => {
    publish(bus, run, 1, 2);
    bus.closeStream(run);
    const [, second] = await readAll(bus.subscribe(run));
    await dropped(bus, run);
    publish(bus, run, 3, 4, 5);
    bus.closeStream(run);
    const resumed = bus.subscribe(run, { after: second!.event_id });
    const events = await readAll(resumed);
    assertEquals(summarize(events), ["gap:new_epoch 1-0", 3, 4, 5]);
    assertEquals(resumed.recovery, "restarted");
    assert(epochOf(events[1]!) !== epochOf(second!));
  });
}
