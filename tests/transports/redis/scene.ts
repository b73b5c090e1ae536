/**
 * Real processes on a Redis of their own that fails: what readers get, or are told that they do not.
 *
 * @module
 */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { redisBus } from "../../../src/transports/redis.ts";
import { requires } from "../../support/requires.ts";
import { check, type LogLine, type Report } from "../checker.ts";
import { Processes, type RoleProcess } from "../processes.ts";
import { clientKinds, type ConnectedClient } from "./clients.ts";
import { type OwnRedis, startRedis } from "./server.ts";

/** The run that all publish to and read. */
export const RUN = "r";
const options = { prefix: "faults", historyPerRun: 100_000, maxQueueSize: 100_000 };
const needs = await requires("redis-server");

/** What a test has to do with. */
export interface Scene {
  readonly server: OwnRedis;
  readonly processes: Processes;
  /** The test's own connection. */
  readonly own: ConnectedClient;
  publisher(name?: string): RoleProcess;
  reader(after?: string, settings?: object): RoleProcess;
  /** Ends the publishers, closes the run, and waits for the readers. */
  finish(publishers: RoleProcess[], readers: RoleProcess[]): Promise<void>;
}

/** Plays a scene on a server of its own, once with each kind of client. */
export function scene(
  what: string,
  play: (scene: Scene) => Promise<void>,
  { persists = false } = {},
) {
  for (const { name: kind, connect } of clientKinds) {
    test(`redisBus() on ${kind}: ${what}`, needs, async () => {
      const server = await startRedis({ persists });
      const own = await connect(server.url);
      const processes = new Processes("tests/transports/redis/process.ts", {
        url: server.url,
        kind,
        options,
      });
      try {
        await play({
          server,
          processes,
          own,
          publisher: (name = "p") => processes.start({ act: "publish", name, run: RUN }),
          reader: (after, settings) =>
            processes.start({ act: "read", name: "reader", run: RUN, after }, settings),
          async finish(publishers, readers) {
            await Promise.all(publishers.map((publisher) => publisher.end()));
            await using bus = redisBus({ client: own.client, ...options });
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
}

/** Everything was given, once, in order; what it says besides. */
export function assertWhole(reader: readonly LogLine[], ...publishers: RoleProcess[]): Report {
  const report = check(reader, publishers.flatMap((publisher) => publisher.lines()));
  const { lost, doubled, reordered, delivered } = report;
  assertEquals({ lost, doubled, reordered }, { lost: 0, doubled: 0, reordered: 0 });
  assert(delivered > 0);
  return report;
}

/** Nothing was missing, even with a word. */
export function assertNoGaps({ gaps, epochs }: Report): void {
  assertEquals({ gaps, epochs }, { gaps: 0, epochs: 0 });
}

/** Whether a reader was told that everything begins anew. */
export const isNewEpoch = (line: LogLine): boolean =>
  line.kind === "event" && line.data.reason === "new_epoch";
