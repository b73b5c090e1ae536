/**
 * Locus behind every kind of server that this runtime has.
 *
 * @module
 */
import { test } from "node:test";
import { Hono } from "hono";
import { EventBus, type EventBusOptions } from "@locus/core";
import { locus, type LocusOptions } from "@locus/core/hono";
import { type App, serverKinds } from "../harness/support/serve.ts";

/** What a test is given. */
export interface Fixture {
  bus: EventBus;
  /** Where Locus is mounted. */
  url: string;
  /** The stream of the run `r`. */
  events: string;
}

/** Options of Locus, and what is around it. */
export interface FixtureOptions extends Omit<LocusOptions, "bus"> {
  busOptions?: EventBusOptions;
  /** What stands in front of Locus. */
  prepare?: (app: Hono) => void;
}

/** Registers a test for every kind of server that this runtime has. */
export function testHttp(
  name: string,
  { busOptions, prepare, ...options }: FixtureOptions,
  run: (fixture: Fixture) => Promise<void>,
): void {
  for (const kind of serverKinds) {
    test(`${kind.name}: ${name}`, async () => {
      const bus = new EventBus(busOptions);
      const app = new Hono();
      prepare?.(app);
      app.route("/locus", locus({ heartbeatMs: 100, ...options, bus }));
      const server = await kind.serve(app satisfies App);
      try {
        await run({ bus, url: `${server.url}/locus`, events: `${server.url}/locus/runs/r/events` });
      } finally {
        await server.close();
      }
    });
  }
}

/** Publishes events of the run `r`. */
export function publish(bus: EventBus, ...numbers: number[]): void {
  for (const n of numbers) bus.publish({ run_id: "r", event_type: "test.tick", data: { n } });
}
