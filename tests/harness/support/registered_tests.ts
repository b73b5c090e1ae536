/**
 * `node:test` for a test file that is bundled: `test()` registers, and whoever loaded the bundle asks
 * for the {@linkcode list} and runs the tests one by one.
 *
 * @module
 */

/** A test that was registered. */
export interface Registered {
  name: string;
  /** The reason to skip it, true for a skip without one. */
  skip: string | boolean;
}

/** Options of a test, as far as the project's tests may use them. */
interface TestOptions {
  skip?: string | boolean;
}

const registered: (Registered & { body: () => unknown })[] = [];

/** Registers a test. Knows of `node:test` only what the project's tests may use. */
export function test(name: string, body: () => unknown): void;
export function test(name: string, options: TestOptions, body: () => unknown): void;
export function test(
  name: string,
  optionsOrBody: TestOptions | (() => unknown),
  maybeBody?: () => unknown,
): void {
  const [{ skip = false }, body] = typeof optionsOrBody === "function"
    ? [{}, optionsOrBody]
    : [optionsOrBody, maybeBody];
  if (body === undefined) throw new TypeError(`test("${name}") has no function to run`);
  registered.push({ name, skip, body });
}

/** The tests, in the order of registration. */
export function list(): Registered[] {
  return registered.map(({ name, skip }) => ({ name, skip }));
}

/** Runs one test: null, or the error that it failed with. */
export async function run(index: number): Promise<string | null> {
  const strays: Event[] = [];
  const end = new Error("Everything before this was announced");
  const { promise: atEnd, resolve: reachEnd } = Promise.withResolvers<void>();
  const note = (event: Event): void => {
    if (causeOf(event) !== end) return void strays.push(event);
    // The edge VM hands out objects that only look like events.
    event.preventDefault?.();
    reachEnd();
  };
  addEventListener("error", note);
  addEventListener("unhandledrejection", note);
  try {
    const chosen = registered[index];
    if (chosen === undefined) throw new RangeError(`There is no test ${index}`);
    await chosen.body();
    // Rejections that nobody handles are announced in their order, some time later: ours is the last.
    void Promise.reject(end);
    await atEnd;
    const stray = strays.find((event) => !event.defaultPrevented);
    return stray === undefined ? null : `Uncaught: ${describe(causeOf(stray))}`;
  } catch (error) {
    return describe(error);
  } finally {
    removeEventListener("error", note);
    removeEventListener("unhandledrejection", note);
  }
}

function causeOf(event: Event): unknown {
  return "reason" in event ? event.reason : (event as ErrorEvent).error;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\nCaused by: ${describe(error.cause)}`;
  return (error.stack ?? String(error)) + cause;
}
