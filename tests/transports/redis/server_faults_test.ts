import { assertEquals } from "@std/assert";
import { assertNoGaps, assertWhole, isNewEpoch, scene } from "./scene.ts";

scene("FLUSHALL: the readers are told, and given what comes", async (scene) => {
  const [publishing, reading] = [scene.publisher(), scene.reader()];
  await reading.wrote(20);
  await scene.own.send("FLUSHALL");
  await reading.wroteSuch("a new epoch", isNewEpoch);
  await reading.wrote(20);
  await scene.finish([publishing], [reading]);
  assertEquals(assertWhole(reading.lines(), publishing).epochs, 1);
});

for (const persists of [false, true]) {
  const how = persists ? "and still has everything" : "and has forgotten everything";
  scene(`the server is started anew, ${how}: the readers are told`, async (scene) => {
    const [publishing, reading] = [scene.publisher(), scene.reader()];
    await reading.wrote(20);
    await scene.server.restart();
    await reading.wroteSuch("a new epoch", isNewEpoch);
    await reading.wrote(20);
    await scene.finish([publishing], [reading]);
    assertEquals(assertWhole(reading.lines(), publishing).epochs, 1);
    if (!persists) return;
    const late = scene.reader();
    await late.end();
    assertNoGaps(assertWhole(late.lines(), publishing));
  }, { persists });
}
