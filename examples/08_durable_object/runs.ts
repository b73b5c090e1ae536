/**
 * The Durable Object that holds the bus. Of an object of one name there is one in the world, so all Workers meet
 * here, whichever isolate they are in.
 *
 * Only Workers with the binding can reach it: those may publish and read everything, and what they let others
 * read is theirs to say. Its runs are in the SQLite of the object: when it is moved or has had no request for a while,
 * it goes on with them, and readers who come back resume exactly.
 */
import { Hono } from "hono";
import { locus } from "@locus/core/hono";
import { type ObjectStorageLike, sqliteBus } from "@locus/core/transports/sqlite";

/** The object: a server of its own. */
export class Runs {
  readonly #app: Hono;

  constructor(state: { readonly storage: ObjectStorageLike }) {
    const bus = sqliteBus({
      database: state.storage,
      maxBytes: 32 * 1024 * 1024, // of the 128 MB that an isolate has
    });
    const routes = locus({
      bus,
      authorize: () => true,
      ingest: { maxBodyBytes: 8 * 1024 * 1024 },
    });
    this.#app = new Hono().route("/locus", routes);
  }

  fetch(request: Request): Response | Promise<Response> {
    return this.#app.fetch(request);
  }
}
