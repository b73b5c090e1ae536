/**
 * The Durable Object that holds the bus. Of an object of one name there is one in the world, so all Workers meet
 * here, whichever isolate they are in.
 *
 * Only Workers with the binding can reach it: those may publish and read everything, and what they let others
 * read is theirs to say. Its bus is in memory: when the object is moved or has had no request for a while, its
 * runs are forgotten, and readers who come back are told.
 */
import { Hono } from "hono";
import { EventBus } from "@locus/core";
import { locus } from "@locus/core/hono";

/** The object: a server of its own. */
export class Runs {
  readonly #app = new Hono().route(
    "/locus",
    locus({
      bus: new EventBus({ maxBytes: 32 * 1024 * 1024 }), // of the 128 MB that an isolate has
      authorize: () => true,
      ingest: { maxBodyBytes: 8 * 1024 * 1024 },
    }),
  );

  fetch(request: Request): Response | Promise<Response> {
    return this.#app.fetch(request);
  }
}
