/** Calls a tool, and says what came of it: of a value, a promise, or the last value of a generator. */
export function followed(
  execute: () => unknown,
  done: (output: unknown) => void,
  failed: (error: unknown) => void,
): unknown {
  let result: unknown;
  try {
    result = execute();
  } catch (error) {
    failed(error);
    throw error;
  }
  const { then, [Symbol.asyncIterator]: iterate } = Object(result);
  if (typeof iterate === "function") return lastOf(result as AsyncIterable<unknown>, done, failed);
  if (typeof then !== "function") return done(result), result;
  return (result as Promise<unknown>).then(
    (output) => (done(output), output),
    (error) => {
      failed(error);
      throw error;
    },
  );
}

async function* lastOf(
  values: AsyncIterable<unknown>,
  done: (output: unknown) => void,
  failed: (error: unknown) => void,
): AsyncGenerator<unknown> {
  let last: unknown;
  try {
    for await (last of values) yield last;
  } catch (error) {
    failed(error);
    throw error;
  }
  done(last);
}
