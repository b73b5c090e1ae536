import type { Context } from "hono";
import { Refusal } from "./responses.ts";

/**
 * Reads the body of a request as text, within bounds.
 *
 * Middleware in front may have read it already, as one that checks a signature does. What was read through
 * `c.req` is read again; what was read past it is gone, and only a clone of `c.req.raw` would have kept it.
 *
 * @throws {Refusal} 413 if it is larger, 408 if it does not come in time, 415 if it is compressed, 400 if it is
 * not UTF-8 or breaks off.
 */
export async function readText(c: Context, maxBytes: number): Promise<string> {
  const encoding = c.req.header("Content-Encoding") ?? "identity";
  if (encoding !== "identity") throw new Refusal(415, "Send the body as it is, not compressed");
  if (Number(c.req.header("Content-Length") ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const reader = bodyOf(c)?.getReader();
  if (reader === undefined) return "";
  // A client that sends one byte at a time would occupy a request for hours.
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    leave();
  }, BODY_TIMEOUT_MS);
  const decode = createDecoder();
  try {
    let text = "";
    let size = 0;
    while (true) {
      const { done, value } = await reader.read().catch(refuseBroken);
      if (isLate) throw new Refusal(408, "The body took too long");
      if (done) return text + decode();
      size += value.byteLength;
      if (size > maxBytes) throw tooLarge(maxBytes);
      text += decode(value);
    }
  } catch (error) {
    leave();
    throw error;
  } finally {
    clearTimeout(timer);
  }

  function leave(): void {
    reader?.cancel().catch(() => {});
  }
}

/**
 * Reads the body of a request line by line, without holding it as a whole.
 *
 * @throws {Refusal} As {@linkcode readText}; 413 if one line is larger than `maxBytes`.
 */
export async function* readLines(c: Context, maxBytes: number): AsyncGenerator<string> {
  const encoding = c.req.header("Content-Encoding") ?? "identity";
  if (encoding !== "identity") throw new Refusal(415, "Send the body as it is, not compressed");
  const reader = bodyOf(c)?.getReader();
  const decode = createDecoder();
  // The line that is not over yet. It is searched once, in however many pieces it comes.
  let pieces: string[] = [];
  let length = 0;
  try {
    for (let isOver = reader === undefined; !isOver;) {
      const { done, value } = await inTime(reader!.read().catch(refuseBroken));
      isOver = done;
      const [first, ...others] = decode(value).split("\n") as [string, ...string[]];
      pieces.push(first);
      length += first.length;
      if (length > maxBytes || others.some((line) => line.length > maxBytes)) {
        throw tooLarge(maxBytes, "A line");
      }
      if (others.length === 0) continue;
      yield pieces.join("");
      pieces = [others.pop()!];
      length = pieces[0]!.length;
      yield* others;
    }
    yield pieces.join("");
  } finally {
    reader?.cancel().catch(() => {});
  }
}

/** A client that sends nothing any more would occupy a request for hours. */
async function inTime<T>(promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Refusal(408, "The body took too long")), BODY_TIMEOUT_MS);
  });
  return await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** The bytes of the body; null if there is none. */
function bodyOf({ req }: Context): ReadableStream<Uint8Array> | null {
  if (Object.keys(req.bodyCache).length > 0) {
    return new ReadableStream({
      async pull(controller) {
        controller.enqueue(new Uint8Array(await req.arrayBuffer()));
        controller.close();
      },
    });
  }
  const { body } = req.raw;
  if (body === null || !(body.locked || req.raw.bodyUsed)) return body;
  throw new Error(
    "Cannot read the body of a request: something in front of Locus read c.req.raw. Have it read " +
      "c.req.text(), c.req.json() or c.req.arrayBuffer(), whose result Hono keeps, or c.req.raw.clone()",
  );
}

/** Middleware that limits bodies fails the stream: its error is passed on as the cause, for it to see. */
function refuseBroken(cause: unknown): never {
  throw new Refusal(400, "The body could not be read to its end", {}, { cause });
}

/** Decodes UTF-8 piece by piece; without a piece, the end. */
function createDecoder(): (bytes?: Uint8Array) => string {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  return (bytes) => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch {
      throw new Refusal(400, "The body must be UTF-8");
    }
  };
}

/**
 * Parses JSON that comes from outside.
 *
 * @throws {Refusal} 400 if it is not JSON, or nested too deeply.
 */
export function parseJson(text: string): unknown {
  if (isTooDeep(text)) throw new Refusal(400, `JSON must not be nested deeper than ${MAX_DEPTH}`);
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, "The body must be JSON");
  }
}

const BODY_TIMEOUT_MS = 30_000;

// What the bus keeps of a payload, and the levels around it.
const MAX_DEPTH = 66;

/** Looked at before parsing, because not every parser survives any depth; one pass, whatever the text is. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let isInString = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (isInString) {
      if (char === "\\") i++;
      else if (char === '"') isInString = false;
    } else if (char === '"') isInString = true;
    else if (char === "[" || char === "{") {
      if (++depth > MAX_DEPTH) return true;
    } else if (char === "]" || char === "}") depth--;
  }
  return false;
}

function tooLarge(maxBytes: number, what = "The body"): Refusal {
  return new Refusal(413, `${what} must not be larger than ${maxBytes} bytes`);
}
