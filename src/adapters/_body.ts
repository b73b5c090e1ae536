import type { Context } from "hono";
import { Refusal } from "./_responses.ts";

/**
 * Reads the body of a request as text, within bounds.
 *
 * @throws {Refusal} 413 if it is larger, 408 if it does not come in time, 415 if it is compressed, 400 if it is
 * not UTF-8.
 */
export async function readText(c: Context, maxBytes: number): Promise<string> {
  const encoding = c.req.header("Content-Encoding") ?? "identity";
  if (encoding !== "identity") throw new Refusal(415, "Send the body as it is, not compressed");
  if (Number(c.req.header("Content-Length") ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const reader = c.req.raw.body?.getReader();
  if (reader === undefined) return "";
  // Whoever sends one byte at a time would occupy a request for hours.
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    leave();
  }, BODY_TIMEOUT_MS);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    let text = "";
    let size = 0;
    while (true) {
      const { done, value } = await reader.read();
      if (isLate) throw new Refusal(408, "The body took too long");
      if (done) return text + decoder.decode();
      size += value.byteLength;
      if (size > maxBytes) throw tooLarge(maxBytes);
      text += decoder.decode(value, { stream: true });
    }
  } catch (error) {
    leave();
    // What the decoder throws; a connection that breaks has nobody left to be answered.
    throw error instanceof TypeError ? new Refusal(400, "The body must be UTF-8") : error;
  } finally {
    clearTimeout(timer);
  }

  function leave(): void {
    reader?.cancel().catch(() => {});
  }
}

/**
 * Parses JSON that comes from outside.
 *
 * @throws {Refusal} 400 if it is none, or nested too deeply.
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

function tooLarge(maxBytes: number): Refusal {
  return new Refusal(413, `The body must not be larger than ${maxBytes} bytes`);
}
