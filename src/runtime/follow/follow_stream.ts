import type { Call, End, Followed, How, Methods } from "./followed.ts";
import { followIterable } from "./follow_iterator.ts";
import { followStep } from "./follow_promise.ts";

/**
 * Ends the work when a stream is closed, fails or is cancelled, whichever of its methods it is read by. A consumer that
 * reads it past its methods, such as a `Response` on most runtimes, goes unnoticed.
 */
export function followStream(stream: Methods, followed: Followed, end: End): void {
  const readable = stream as Methods & ReadableStream;
  const { getReader } = readable;

  /** After a call that failed. Only a reader knows what that means for the stream: nothing, perhaps. */
  const look = (error: unknown) => {
    if (!readable.locked) {
      const reader = Reflect.apply(getReader, stream, []) as Reader;
      reader.closed.then(() => end("left"), (reason) => reason === error && end("failed", error));
      reader.releaseLock();
    }
  };
  const endAfter = (how: How, call: Call, args: unknown[]) =>
    followStep(followed, () => call(...args), () => end(how), look);

  followed.replace(stream, "cancel", (cancel, args) => endAfter("left", cancel, args));
  // What it writes to is the consumer's.
  followed.replace(stream, "pipeTo", (_, args, pipeTo) => endAfter("done", pipeTo, args));
  followed.replace(stream, "pipeThrough", (pipeThrough, args) => {
    const [pair, options] = args as [ReadableWritablePair, StreamPipeOptions];
    if (!readable.locked) {
      readable.pipeTo(pair?.writable, options).catch(() => {});
      // It is locked at once, unless it refuses the arguments.
      if (readable.locked) return pair.readable;
    }
    return pipeThrough(...args);
  });
  followed.observe(stream, "tee", (branches) => {
    let open = 2;
    for (const branch of [branches[0], branches[1]] as Methods[]) {
      let isOver = false;
      followStream(branch, followed, (how, error) => {
        if (!isOver && (how === "failed" || --open === 0)) end(how, error);
        isOver = true;
      });
    }
  });
  followed.observe(stream, "getReader", (result) => {
    const reader = result as Methods & Reader;
    let isLeft = false;
    let isReleased = false;
    followed.replace(reader, "read", (read, args) => read(...args));
    followed.replace(reader, "cancel", (cancel, args) => {
      isLeft = true;
      return endAfter("left", cancel, args);
    });
    followed.replace(reader, "releaseLock", (release) => {
      release();
      isReleased = true;
    });
    reader.closed.then(() => isLeft || end("done"), (error) => isReleased || end("failed", error));
  });
  for (const name of ["values", Symbol.asyncIterator]) {
    if (name in stream) followIterable(stream, name, followed, end);
  }
}

type Reader = ReadableStreamDefaultReader;
