/**
 * Gives a stream the async iterator that streams of Safari and of older browsers lack, so that `for await` works
 * there, too. Leaving the loop cancels the stream, as the platform's own iterator does.
 */
export function makeIterable<T>(stream: ReadableStream<T>): void {
  if (Reflect.has(stream, Symbol.asyncIterator)) return;
  const values = (options?: { preventCancel?: boolean }) =>
    iterate(stream.getReader(), options?.preventCancel === true);
  for (const name of ["values", Symbol.asyncIterator]) {
    Object.defineProperty(stream, name, { value: values, configurable: true, writable: true });
  }
}

async function* iterate<T>(
  reader: ReadableStreamDefaultReader<T>,
  preventCancel: boolean,
): AsyncGenerator<T, undefined> {
  try {
    for (let result; !(result = await reader.read()).done;) yield result.value;
  } finally {
    if (!preventCancel) await reader.cancel();
    reader.releaseLock();
  }
}
