/** Real processes on a NATS of their own that fails: what readers get, or are told that they do not. */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import type { NatsConnection } from "@nats-io/nats-core";
import { natsBus } from "@locus/core/transports/nats";
import { requires } from "../../support/requires.ts";
import { check, type LogLine, type Report } from "../checker.ts";
import { Processes, type RoleProcess } from "../processes.ts";
import { startProxy } from "../proxy.ts";
import { connectTo, deleteStream } from "./connections.ts";
import { type OwnNats, startNats } from "./server.ts";

const RUN = "r";
const prefix = "faults";
const options = { prefix, historyPerRun: 100_000, maxQueueSize: 100_000 };
const needs = await requires("nats-server");

/** What a test has to do with. */
interface Scene {
  readonly server: OwnNats;
  /** The test's own connection. */
  readonly own: NatsConnection;
  publisher(name?: string, settings?: object): RoleProcess;
  reader(after?: string, settings?: object): RoleProcess;
  /** Ends the publishers, closes the run, and waits for the readers. */
  finish(publishers: RoleProcess[], readers: RoleProcess[]): Promise<void>;
}

/** Plays a scene on a server of its own. */
function scene(what: string, play: (scene: Scene) => Promise<void>) {
  test(`natsBus(): ${what}`, needs, async () => {
    const server = await startNats();
    const own = await connectTo(server.url);
    const { url } = server;
    const processes = new Processes("tests/transports/nats/process.ts", { url, options });
    try {
      await play({
        server,
        own,
        publisher: (name = "p", settings) =>
          processes.start({ act: "publish", name, run: RUN }, settings),
        reader: (after, settings) =>
          processes.start({ act: "read", name: "reader", run: RUN, after }, settings),
        async finish(publishers, readers) {
          await Promise.all(publishers.map((publisher) => publisher.end()));
          await using bus = natsBus({ connection: own, ...options, onError: () => {} });
          bus.closeStream(RUN);
          await bus.flushed();
          await Promise.all(readers.map((reader) => reader.end()));
        },
      });
    } finally {
      await processes.stop();
      await own.close();
      await server.stop();
    }
  });
}

/** Everything was given, once, in order; what it says besides. */
function assertWhole(reader: readonly LogLine[], ...publishers: RoleProcess[]): Report {
  const report = check(reader, publishers.flatMap((publisher) => publisher.lines()));
  const { lost, doubled, reordered, delivered } = report;
  assertEquals({ lost, doubled, reordered }, { lost: 0, doubled: 0, reordered: 0 });
  assert(delivered > 0);
  return report;
}

function assertNoGaps({ gaps, epochs }: Report): void {
  assertEquals({ gaps, epochs }, { gaps: 0, epochs: 0 });
}

const isNewEpoch = (line: LogLine) => line.kind === "event" && line.data.reason === "new_epoch";

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

scene("connections are cut in the middle of an answer", async (scene) => {
  const proxy = await startProxy(scene.server.port);
  const url = proxy.url.replace("redis:", "nats:");
  try {
    const [publishing, reading] = [
      scene.publisher("p", { url }),
      scene.reader(undefined, { url }),
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
});

scene("the server is started anew: nothing is missing", async (scene) => {
  const [publishing, reading] = [scene.publisher(), scene.reader()];
  await reading.wrote(20);
  await scene.server.restart();
  await Promise.all([publishing.wrote(10), reading.wrote(20)]);
  await scene.finish([publishing], [reading]);
  assertNoGaps(assertWhole(reading.lines(), publishing));
  const late = scene.reader();
  await late.end();
  assertNoGaps(assertWhole(late.lines(), publishing));
});

scene("the server comes back empty: the readers are told", async (scene) => {
  const [publishing, reading] = [scene.publisher(), scene.reader()];
  await reading.wrote(20);
  await scene.server.restart({ isEmpty: true });
  await reading.wroteSuch("a new epoch", isNewEpoch);
  await reading.wrote(20);
  await scene.finish([publishing], [reading]);
  assertEquals(assertWhole(reading.lines(), publishing).epochs, 1);
});

scene("the stream is deleted: the readers are told, and given what comes", async (scene) => {
  const [publishing, reading] = [scene.publisher(), scene.reader()];
  await reading.wrote(20);
  await deleteStream(scene.own, prefix);
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
    await scene.own.request(`${prefix}.run.${RUN}`, text, { timeout: 5_000 });
    scene.own.publish(`${prefix}.live.${RUN}.m`, text);
    await Promise.all([publishing.wrote(5), reading.wrote(5)]);
  }
  await scene.finish([publishing], [reading]);
  assertNoGaps(assertWhole(reading.lines(), publishing));
  const late = scene.reader();
  await late.end();
  assertNoGaps(assertWhole(late.lines(), publishing));
});
