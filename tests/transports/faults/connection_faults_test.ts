import { assert, assertEquals } from "@std/assert";
import { startProxy } from "../proxy.ts";
import { assertNoGaps, assertWhole, isNewEpoch, scene } from "./process_scene.ts";

scene("connections are cut in the middle of an answer", async (scene) => {
  const proxy = await startProxy(scene.server.port);
  try {
    const { port } = proxy;
    const [publishing, reading] = [
      scene.publisher("p", { port }),
      scene.reader(undefined, { port }),
    ];
    await reading.wrote(20);
    for (const bytes of [1, 2, 7, 60, 150]) {
      proxy.cutNext(bytes);
      await reading.wrote(30);
    }
    await scene.finish([publishing], [reading]);
    assert(proxy.cuts > 0);
    assertNoGaps(assertWhole(reading.lines(), publishing));
  } finally {
    await proxy.close();
  }
}, { everyClient: true });

scene("the server is started anew, and still has everything", async (scene) => {
  const [publishing, reading] = [scene.publisher(), scene.reader()];
  await reading.wrote(20);
  await scene.server.restart();
  // Redis may have lost the newest events without a word, so each of its starts is a new epoch.
  const epochs = scene.engine.name === "Redis" ? 1 : 0;
  if (epochs > 0) await reading.wroteSuch("a new epoch", isNewEpoch);
  await Promise.all([publishing.wrote(10), reading.wrote(20)]);
  await scene.finish([publishing], [reading]);
  const report = assertWhole(reading.lines(), publishing);
  assertEquals([report.gaps, report.epochs], [0, epochs]);
  const late = scene.reader();
  await late.end();
  assertNoGaps(assertWhole(late.lines(), publishing));
}, { persists: true, everyClient: true });

scene("the server comes back empty: the readers are told, and given what comes", async (scene) => {
  const [publishing, reading] = [scene.publisher(), scene.reader()];
  await reading.wrote(20);
  await scene.server.restart();
  await reading.wroteSuch("a new epoch", isNewEpoch);
  await reading.wrote(20);
  await scene.finish([publishing], [reading]);
  assertEquals(assertWhole(reading.lines(), publishing).epochs, 1);
}, { everyClient: true });

scene("CLIENT KILL, of both connections, again and again", async (scene) => {
  const [publishing, reading] = [scene.publisher(), scene.reader()];
  await reading.wrote(20);
  for (let i = 0; i < 5; i++) {
    await scene.server.send("CLIENT", "KILL", "TYPE", "pubsub");
    await scene.server.send("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    await Promise.all([publishing.wrote(10), reading.wrote(20)]);
  }
  await scene.finish([publishing], [reading]);
  assertNoGaps(assertWhole(reading.lines(), publishing));
}, { only: "Redis", everyClient: true });

scene("CLIENT PAUSE", async ({ server, publisher, reader, finish }) => {
  const [publishing, reading] = [publisher(), reader()];
  await reading.wrote(20);
  await server.send("CLIENT", "PAUSE", "500", "ALL");
  await Promise.all([publishing.wrote(10), reading.wrote(20)]);
  await finish([publishing], [reading]);
  assertNoGaps(assertWhole(reading.lines(), publishing));
}, { only: "Redis", everyClient: true });
