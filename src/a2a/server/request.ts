import type { Context } from "hono";
import { parseJson, readText } from "../../adapters/http/body.ts";
import { Refusal } from "../../adapters/http/responses.ts";
import { A2AError } from "../protocol/errors.ts";
import { RESUME_EXTENSION } from "../protocol/states.ts";

/** The media type of a body, without what stands behind it. */
export function mediaTypeOf(c: Context): string {
  return (c.req.header("Content-Type") ?? "").split(";")[0]!.trim()
    .toLowerCase();
}

/** Whether a body of this type is JSON; what a form of another site can send is never. */
export function isJsonType(mediaType: string): boolean {
  return mediaType === "application/json" ||
    mediaType === "application/a2a+json";
}

/** @throws {A2AError} If it is not JSON. */
export async function readJsonBody(
  c: Context,
  maxBytes: number,
): Promise<unknown> {
  const text = await readText(c, maxBytes);
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof Refusal) {
      throw new A2AError("PARSE_ERROR", error.message);
    }
    throw error;
  }
}

/**
 * An `EventSource` can set no headers, so the query counts, too.
 *
 * @throws {A2AError} If it is a version that is not served.
 */
export function checkVersion(c: Context): void {
  const version = c.req.header("A2A-Version") || c.req.query("A2A-Version") ||
    "0.3";
  // A patch makes no other protocol.
  if (/^1\.0(\.\d+)?$/.test(version)) return;
  throw new A2AError(
    "VERSION_NOT_SUPPORTED",
    "Version 1.0 is served: send A2A-Version: 1.0",
  );
}

/** Whether the client knows our extension. */
export function canResume(c: Context): boolean {
  const list = c.req.header("A2A-Extensions") ??
    c.req.query("A2A-Extensions") ?? "";
  return list.split(",").some((uri) => uri.trim() === RESUME_EXTENSION);
}
