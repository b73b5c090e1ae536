import type { LogLine } from "../checker.ts";
import { assertNoGaps, assertWhole, scene } from "./scene.ts";

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
  const last = first.lines().at(-1) as LogLine & { kind: "event" };
  const second = scene.reader(last.event_id);
  await second.wrote(50);
  await scene.finish([publishing], [second]);
  assertNoGaps(assertWhole([...first.lines(), ...second.lines()], publishing));
});
