/**
 * `node:test` inside workerd: `test()` registers, and the worker's `fetch` runs one test a request,
 * because in workerd timers and I/O exist only inside a request, and belong to it.
 *
 * - `GET /` answers the tests in the order of registration: `{ name, skip }[]`.
 * - `GET /<index>` runs one test and answers `{ error }`, null when it passed.
 *
 * @module
 */

interface Registered {
  name: string;
  skip: string | boolean;
  run: () => unknown;
}

const registered: Registered[] = [];

/** Registers a test. Knows of `node:test` only what the project's tests may use. */
export function test(name: string, run: () => unknown): void;
export function test(name: string, options: { skip?: string | boolean }, run: () => unknown): void;
export function test(
  name: string,
  optionsOrRun: { skip?: string | boolean } | (() => unknown),
  run?: () => unknown,
): void {
  if (typeof optionsOrRun === "function") {
    registered.push({ name, skip: false, run: optionsOrRun });
  } else if (run) {
    registered.push({ name, skip: optionsOrRun.skip ?? false, run });
  } else {
    throw new TypeError(`test("${name}") has no function to run`);
  }
}

/** The worker. */
export default {
  async fetch(request: Request): Promise<Response> {
    const index = new URL(request.url).pathname.slice(1);
    if (index === "") return Response.json(registered.map(({ name, skip }) => ({ name, skip })));
    try {
      const chosen = registered[Number(index)];
      if (!chosen) throw new RangeError(`There is no test ${index}`);
      await chosen.run();
      return Response.json({ error: null });
    } catch (error) {
      return Response.json({ error: describe(error) });
    }
  },
};

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\nCaused by: ${describe(error.cause)}`;
  return (error.stack ?? String(error)) + cause;
}
