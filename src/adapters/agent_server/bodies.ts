import type { Context } from "hono";
import { isRunId, RUN_ID_RULE } from "../../events/identifiers.ts";
import { describe, isRecord } from "../../core/options.ts";
import { parseJson, readText } from "../http/body.ts";
import { Refusal } from "../http/responses.ts";

/** What `POST /invoke` and `POST /stream` are asked. */
export interface RunRequestBody {
  readonly prompt: string;
  readonly threadId: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** What `POST /resume` is asked. */
export interface ResumeRequestBody {
  readonly interruptId: string;
  readonly response: unknown;
  readonly threadId: string | null;
  readonly stream: boolean;
}

/** @throws {Refusal} If the body is too large, no JSON, or not what it must be. */
export async function readRunBody(c: Context, maxBytes: number): Promise<RunRequestBody> {
  const body = await readFields(c, maxBytes, ["prompt", "thread_id", "metadata"]);
  const { prompt, thread_id, metadata = {} } = body;
  if (typeof prompt !== "string" || prompt === "") bad("prompt", "a string, not empty", prompt);
  if (!isRecord(metadata)) bad("metadata", "an object", metadata);
  return { prompt, threadId: readThreadId(thread_id), metadata };
}

/** @throws {Refusal} If the body is too large, no JSON, or not what it must be. */
export async function readResumeBody(c: Context, maxBytes: number): Promise<ResumeRequestBody> {
  const body = await readFields(c, maxBytes, ["interrupt_id", "response", "thread_id", "stream"]);
  const { interrupt_id: interruptId, response, thread_id, stream = false } = body;
  if (typeof interruptId !== "string") bad("interrupt_id", "a string", interruptId);
  if (response === undefined) bad("response", "the answer", response);
  if (typeof stream !== "boolean") bad("stream", "true or false", stream);
  return { interruptId, response, threadId: readThreadId(thread_id), stream };
}

/** @throws {Refusal} If it cannot name a thread. */
export function readThreadId(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (!isRunId(value)) bad("thread_id", RUN_ID_RULE, value);
  return value;
}

async function readFields(
  c: Context,
  maxBytes: number,
  known: readonly string[],
): Promise<Record<string, unknown>> {
  // What a form of another site can send is never JSON: it would have to ask first (CORS).
  if (!/^application\/json\s*(;|$)/i.test(c.req.header("Content-Type") ?? "")) {
    throw new Refusal(415, "The body must be sent as application/json");
  }
  const fields = await readJson(c, maxBytes);
  if (!isRecord(fields)) throw new Refusal(422, "The body must be a JSON object");
  const unknown = Object.keys(fields).find((name) => !known.includes(name));
  if (unknown === undefined) return fields;
  throw new Refusal(
    422,
    `There is no field ${describe(unknown)}; the fields are ${known.join(", ")}`,
  );
}

async function readJson(c: Context, maxBytes: number): Promise<unknown> {
  const text = await readText(c, maxBytes);
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof Refusal && error.status === 400) throw new Refusal(422, error.message);
    throw error;
  }
}
function bad(field: string, expected: string, value: unknown): never {
  throw new Refusal(422, `"${field}" must be ${expected}, got ${describe(value)}`);
}
