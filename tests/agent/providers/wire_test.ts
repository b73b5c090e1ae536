import { assertEquals } from "@std/assert";
import { EventBus, runContext } from "@locus/core";
import { locus } from "@locus/core/hono";
import { connect, type Connection } from "../../harness/support/event_source.ts";
import { readAll } from "../../harness/support/read.ts";
import { serve } from "../../harness/support/serve.ts";
import { perform, replayed } from "./perform.ts";
import { isWhole, type Play, testPlays } from "./recordings.ts";

testPlays("its run is followed live over HTTP", () => true, async (play) => {
  const bus = new EventBus();
  const server = await serve(locus({ bus }));
  try {
    const connection = await connect(`${server.url}/runs/r/events`);
    await Promise.all([connection.readAll(), finishRun(play, bus)]);
    await assertToldAll(connection, bus);
  } finally {
    await server.close();
  }
});

testPlays("its finished run is read over HTTP", () => true, async (play) => {
  const bus = new EventBus();
  const server = await serve(locus({ bus }));
  try {
    await finishRun(play, bus);
    const connection = await connect(`${server.url}/runs/r/events`);
    await connection.readAll();
    await assertToldAll(connection, bus);
  } finally {
    await server.close();
  }
});

testPlays("its text arrives over HTTP as it was recorded", isWhole, async (play) => {
  const bus = new EventBus();
  const server = await serve(locus({ bus }));
  try {
    await finishRun(play, bus);
    const connection = await connect(`${server.url}/runs/r/events?select=agent.model.chunk`);
    const events = await connection.readAll();
    assertEquals(
      events.map(({ data }) => data.content_preview ?? "").join(""),
      replayed(play).flatMap(({ answer }) => answer.texts).join(""),
    );
  } finally {
    await server.close();
  }
});

async function finishRun(play: Play, bus: EventBus): Promise<void> {
  await runContext({ runId: "r", bus }, () => perform(play));
  bus.closeStream("r");
}

/** The reader was told what the bus holds, event by event, and then that this is all. */
async function assertToldAll({ dispatched }: Connection, bus: EventBus): Promise<void> {
  const told = [...dispatched];
  const end = told.pop()!;
  assertEquals(end.type, "bus.end");
  assertEquals(
    told,
    (await readAll(bus.subscribe("r"))).map((event) => ({
      id: event.event_id,
      type: event.event_type,
      event,
    })),
  );
}
