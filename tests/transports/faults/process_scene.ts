/**
 * Real processes on a server of their own that fails: what readers get, or are told that they do not.
 *
 * @module
 */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { type Line, publicationsOf } from "../lines.ts";
import { Processes, type RoleProcess } from "../processes.ts";
import { check, faultsOf, type ReaderLine, type Report } from "./check.ts";
import { type Engine, engines, type OwnServer } from "./engines.ts";

/** The run that all publish to and read. */
export const RUN = "r";
const options = { prefix: "faults", historyPerRun: 100_000, maxQueueSize: 100_000 };

/** What a test has to do with. */
export interface Scene {
  readonly engine: Engine;
  readonly server: OwnServer;
  readonly processes: Processes;
  publisher(name?: string, settings?: object): RoleProcess;
  reader(after?: string, settings?: object): RoleProcess;
  /** Ends the publishers, closes the run, and waits for the readers. */
  finish(publishers: RoleProcess[], readers: RoleProcess[]): Promise<void>;
}

/** Where a scene is played. */
export interface SceneOptions {
  /** Whether what the server has stored survives. */
  readonly persists?: boolean;
  readonly only?: Engine["name"];
  /** Whether each kind of client has its own way with it. @default {false} */
  readonly everyClient?: boolean;
}

/** Plays a scene on every engine. */
export function scene(
  what: string,
  play: (scene: Scene) => Promise<void>,
  { persists = false, only, everyClient = false }: SceneOptions = {},
): void {
  const names = new Set<string>();
  for (const engine of engines) {
    const isFirst = names.size < names.add(engine.name).size;
    if ((only !== undefined && engine.name !== only) || !(isFirst || everyClient)) continue;
    const { name, kind } = engine;
    test(`${name} with ${kind}: ${what}`, engine.needs, async () => {
      const server = await engine.start(options, persists);
      const settings = { engine: name, port: server.port, kind, options };
      const processes = new Processes("tests/transports/faults/process.ts", settings);
      try {
        await play({
          engine,
          server,
          processes,
          publisher: (name = "p", settings) =>
            processes.start({ act: "publish", name, run: RUN }, settings),
          reader: (after, settings) =>
            processes.start({ act: "read", name: "reader", run: RUN, after }, settings),
          async finish(publishers, readers) {
            await Promise.all(publishers.map((publisher) => publisher.end()));
            server.bus.closeStream(RUN);
            await server.bus.flushed();
            await Promise.all(readers.map((reader) => reader.end()));
          },
        });
      } finally {
        await processes.stop();
        await server.stop();
      }
    });
  }
}

/** Everything was given, once, in order; what it says besides. */
export function assertWhole(reader: readonly Line[], ...publishers: RoleProcess[]): Report {
  const publications = publicationsOf(publishers.flatMap((publisher) => publisher.lines()));
  // All of it, from its beginning.
  const lines = [{ kind: "opened", time: 0 }, ...reader] as ReaderLine[];
  const report = check(lines, publications);
  assertEquals(faultsOf(report), { lost: 0, doubled: 0, reordered: 0, unannounced: 0 });
  assert(report.delivered > 0);
  return report;
}

/** Nothing was missing, even with a word. */
export function assertNoGaps({ gaps, epochs }: Report): void {
  assertEquals({ gaps, epochs }, { gaps: 0, epochs: 0 });
}

/** Whether a reader was told that everything begins anew. */
export const isNewEpoch = (line: Line): boolean =>
  line.kind === "event" && line.data.reason === "new_epoch";
