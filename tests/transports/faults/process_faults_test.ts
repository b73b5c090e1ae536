import { assertEquals } from "@std/assert";
import type { Line } from "../lines.ts";
import { assertNoGaps, assertWhole, isNewEpoch, RUN, scene } from "./process_scene.ts";

scene("two publish to one run, and one is killed", async ({ publisher, reader, finish }) => {
  const [killed, other, reading] = [publisher("killed"), publisher("other"), reader()];
  await Promise.all([killed.wrote(30), other.wrote(30), reading.wrote(50)]);
  await killed.kill();
  await Promise.all([other.wrote(30), reading.wrote(50)]);
  await finish([other], [reading]);
  assertNoGaps(assertWhole(reading.lines(), killed, other));
});

scene("a reader is killed, and another goes on after its last id", async (scene) => {
  const [publishing, first] = [scene.publisher(), scene.reader()];
  await first.wrote(50);
  await first.kill();
  await publishing.wrote(30);
  const last = first.lines().at(-1) as Line & { kind: "event" };
  const second = scene.reader(last.event_id);
  await second.wrote(50);
  await scene.finish([publishing], [second]);
  assertNoGaps(assertWhole([...first.lines(), ...second.lines()], publishing));
});

scene("everything is deleted: the readers are told, and given what comes", async (scene) => {
  const [publishing, reading] = [scene.publisher(), scene.reader()];
  await reading.wrote(20);
  await scene.server.wipe();
  await reading.wroteSuch("a new epoch", isNewEpoch);
  await reading.wrote(20);
  await scene.finish([publishing], [reading]);
  assertEquals(assertWhole(reading.lines(), publishing).epochs, 1);
});

scene("strangers publish to the subject of the run: they are passed over", async (scene) => {
  const [publishing, reading] = [scene.publisher(), scene.reader()];
  await reading.wrote(20);
  const strange = [
    "",
    "{}",
    "\0",
    "x".repeat(500_000),
    '{"format":1,"kind":"events"}\nx',
    "[]\n\n",
  ];
  for (const text of strange) {
    await scene.server.write(RUN, text);
    await Promise.all([publishing.wrote(5), reading.wrote(5)]);
  }
  await scene.finish([publishing], [reading]);
  assertNoGaps(assertWhole(reading.lines(), publishing));
  const late = scene.reader();
  await late.end();
  assertNoGaps(assertWhole(late.lines(), publishing));
}, { only: "NATS" });

scene("C7: a bus that was closed keeps no process", async ({ processes, server }) => {
  server.bus.publish({ run_id: RUN, event_type: "test.tick", data: { by: "p", n: 1 } });
  const late = processes.start({ act: "come too late", name: "late", run: RUN });
  await late.end();
  assertEquals(late.lines().map((line) => line.kind === "ended" && line.why), ["rejected"]);
}, { everyClient: true });
