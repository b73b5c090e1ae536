import { assert } from "@std/assert";
import { startProxy } from "../proxy.ts";
import { assertNoGaps, assertWhole, RUN, scene } from "./scene.ts";

scene("CLIENT KILL, of both connections, again and again", async (scene) => {
  const [publishing, reading] = [scene.publisher(), scene.reader()];
  await reading.wrote(20);
  for (let i = 0; i < 5; i++) {
    await scene.own.send("CLIENT", "KILL", "TYPE", "pubsub");
    await scene.own.send("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    await Promise.all([publishing.wrote(10), reading.wrote(20)]);
  }
  await scene.finish([publishing], [reading]);
  assertNoGaps(assertWhole(reading.lines(), publishing));
});

scene("CLIENT PAUSE", async ({ own, publisher, reader, finish }) => {
  const [publishing, reading] = [publisher(), reader()];
  await reading.wrote(20);
  await own.send("CLIENT", "PAUSE", "500", "ALL");
  await Promise.all([publishing.wrote(10), reading.wrote(20)]);
  await finish([publishing], [reading]);
  assertNoGaps(assertWhole(reading.lines(), publishing));
});

scene("connections are cut in the middle of an answer", async (scene) => {
  const proxy = await startProxy(scene.server.port);
  try {
    const publishing = scene.processes.start(
      { act: "publish", name: "p", run: RUN },
      { url: proxy.url },
    );
    const reading = scene.reader(undefined, { url: proxy.url });
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
});
