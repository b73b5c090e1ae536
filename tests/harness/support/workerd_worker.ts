/**
 * A test file inside workerd: each test is run by a request of its own, because in workerd timers and
 * I/O exist only inside a request, and belong to it.
 *
 * - `GET /` answers the tests in the order of registration.
 * - `GET /<index>` runs one test and answers its error, null when it passed.
 *
 * @module
 */
import { list, run } from "./registered_tests.ts";

/** The worker. */
export default {
  async fetch(request: Request): Promise<Response> {
    const index = new URL(request.url).pathname.slice(1);
    return Response.json(index === "" ? list() : await run(Number(index)));
  },
};
