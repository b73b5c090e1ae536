import { attempt } from "../recorder/fence.ts";

/**
 * Has `see` called with what is read from a stream, as it is read. The object stays the same, because a host may tell by
 * it what to do with the result that holds it: it gets methods of its own, which read a stream that reads this one.
 *
 * - **No buffer:** the source is asked only when its reader asks, and is told when its reader leaves.
 * - **Off the path:** what `see` throws is dropped.
 */
export function readAlong(
  stream: ReadableStream<unknown>,
  see: (part: unknown) => void,
  fail: (error: unknown) => void,
): void {
  let copy: ReadableStream<unknown> | undefined;
  const source = stream.getReader.bind(stream);
  const read = () => copy ??= tap(source(), see, fail);
  const own = Object.fromEntries(METHODS.flatMap((name) => {
    const method = stream[name as "getReader"];
    if (typeof method !== "function") return [];
    const value = (...args: unknown[]) => {
      const target = read();
      return Reflect.apply(target[name as "getReader"], target, args);
    };
    return [[name, { value, configurable: true, writable: true }]];
  }));
  Object.defineProperties(stream, {
    ...own,
    [Symbol.asyncIterator]: { value: () => read()[Symbol.asyncIterator](), configurable: true },
  });
}

const METHODS = ["getReader", "pipeThrough", "pipeTo", "tee", "values", "cancel"];

function tap(
  reader: ReadableStreamDefaultReader<unknown>,
  see: (part: unknown) => void,
  fail: (error: unknown) => void,
): ReadableStream<unknown> {
  return new ReadableStream({
    async pull(controller) {
      let result;
      try {
        result = await reader.read();
      } catch (error) {
        attempt(() => fail(error));
        throw error;
      }
      if (result.done) return controller.close();
      attempt(() => see(result.value));
      controller.enqueue(result.value);
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}
