import type { Context } from "hono";
import { parseJson, readText } from "../../adapters/http/body.ts";
import { Refusal } from "../../adapters/http/responses.ts";
import { isRecord } from "../../core/options.ts";
import { A2AError } from "../protocol/errors.ts";
import { isMethod, type Method, methodOf } from "../protocol/methods.ts";
import type { Binding, Version } from "../protocol/v03.ts";

/** How a request came in, as far as it has been read. */
export interface Asked {
  readonly binding: Binding;
  /** As the client named it. */
  method: string;
  /** The id of a request of JSON-RPC; null if it has none. */
  rpcId: string | number | null;
  /** What the answer is written in. */
  version: Version;
}

/** The media type of a body, without what stands behind it. */
export function mediaTypeOf(c: Context): string {
  return (c.req.header("Content-Type") ?? "").split(";")[0]!.trim().toLowerCase();
}

/** Whether the body is JSON; what a form of another site can send is never. */
export function isJson(c: Context): boolean {
  return /^application\/(a2a\+)?json$/.test(mediaTypeOf(c));
}

/** @throws {A2AError} If it is not JSON. */
export async function readBody(c: Context, maxBytes: number): Promise<unknown> {
  const text = await readText(c, maxBytes);
  try {
    return parseJson(text);
  } catch (error) {
    throw error instanceof Refusal ? new A2AError("PARSE_ERROR", error.message) : error;
  }
}

/** Reads the envelope of JSON-RPC. @returns The parameters. */
export function readEnvelope(body: unknown, asked: Asked): unknown {
  if (!isRecord(body)) throw new A2AError("INVALID_REQUEST");
  const { jsonrpc, id = null, method, params } = body;
  const isId = id === null || typeof id === "number" ||
    // Every frame of a stream repeats it.
    (typeof id === "string" && id.length <= 256);
  if (!isId) throw new A2AError("INVALID_REQUEST");
  asked.rpcId = id;
  if (jsonrpc !== "2.0" || typeof method !== "string") throw new A2AError("INVALID_REQUEST");
  asked.method = method;
  return params;
}

/**
 * The version of a request, without its patch, which makes no other protocol. Without one, it is of 0.3: that is what the clients of
 * then send. An `EventSource` can set no headers, so the query counts, too.
 */
export function versionOf(c: Context): string {
  const given = c.req.header("A2A-Version") || c.req.query("A2A-Version") || "0.3";
  return /^(\d+\.\d+)(\.\d+)?$/.exec(given)?.[1] ?? given;
}

/**
 * The method that is asked for, by its name in 1.0.
 *
 * @throws {A2AError} If the version is not served, or has no such method.
 */
export function readMethod(c: Context, asked: Asked, versions: readonly Version[]): Method {
  const version = versionOf(c) as Version;
  const { method } = asked;
  const isOld = version === "0.3";
  if (!versions.includes(version) || (isOld && isMethod(method))) {
    const advice = `A2A ${versions.join(" and ")} is served, and 0.3 by its own methods only`;
    throw new A2AError("VERSION_NOT_SUPPORTED", `${advice}: send A2A-Version: ${versions[0]}`);
  }
  const found = isOld ? methodOf(method) : isMethod(method) ? method : undefined;
  asked.version = version;
  if (found === undefined) throw new A2AError("METHOD_NOT_FOUND");
  return found;
}

/** The extensions that the client knows. */
export function extensionsOf(c: Context): string[] {
  const list = c.req.header("A2A-Extensions") ?? c.req.header("X-A2A-Extensions") ??
    c.req.query("A2A-Extensions") ?? "";
  return list.split(",").map((uri) => uri.trim());
}

/** The type of the protocol for those who know it; it says the same. */
export function answerTypeOf(c: Context): string {
  const own = "application/a2a+json";
  const isKnown = c.req.header("Accept")?.includes(own) || mediaTypeOf(c) === own;
  return isKnown ? own : "application/json";
}
