/** Reads what a request asks for. Both spellings of a key are taken, as readers of ProtoJSON do; unknown keys are not kept. */

import { isRecord } from "../../core/options.ts";
import { isThreadId } from "../../memory/checks.ts";
import { A2AError, invalid } from "../protocol/errors.ts";
import type { Message, Part } from "../protocol/types.ts";

/** The parameters of a request, by their names in JSON. */
export type Params = Readonly<Record<string, unknown>>;

/** What a client wants of the answer to a message. */
export interface SendConfiguration {
  readonly historyLength: number | undefined;
  readonly returnImmediately: boolean;
}

/**
 * An object of the protocol, its own keys in the usual spelling, without those that are not given: null, and in ProtoJSON
 * an empty text, too.
 */
export function readParams(
  value: unknown,
  field: string,
  keepsEmpty = false,
): Params {
  if (!isRecord(value)) throw invalid(field, "must be an object");
  const entries = Object.entries(value)
    .filter(([, one]) => one !== undefined && one !== null && (keepsEmpty || one !== ""));
  return Object.fromEntries(
    entries.map((
      [key, one],
    ) => [key.replace(/_([a-z])/g, (_, char) => char.toUpperCase()), one]),
  );
}

/** @throws {A2AError} If it is not a message of a client. */
export function readMessage(value: unknown, modes: readonly string[]): Message {
  const params = readParams(value, "message");
  const { messageId, role, parts } = params;
  for (const key of ["messageId", "contextId", "taskId"]) {
    const id = params[key];
    if (id === undefined && key !== "messageId") continue;
    if (!isThreadId(id) || id.length > 256) {
      throw invalid(
        `message.${key}`,
        "must be a string of 1 to 256 characters",
      );
    }
  }
  if (role !== "ROLE_USER") throw invalid("message.role", "must be ROLE_USER");
  if (!Array.isArray(parts) || parts.length === 0 || parts.length > MAX_PARTS) {
    throw invalid("message.parts", `must be 1 to ${MAX_PARTS} parts`);
  }
  const known = pick(params, [
    "contextId",
    "taskId",
    "metadata",
    "extensions",
    "referenceTaskIds",
  ]);
  return {
    messageId: `${messageId}`,
    role,
    ...known,
    parts: parts.map((part, i) => readPart(part, `message.parts[${i}]`, modes)),
  };
}

const MAX_PARTS = 100;

function readPart(
  value: unknown,
  field: string,
  modes: readonly string[],
): Part {
  const params = readParams(value, field, true);
  // Null is a value of `data`, where it is given.
  const data = isRecord(value) && Object.hasOwn(value, "data") ? { data: value.data } : {};
  const content = { ...pick(params, ["text", "raw", "url"]), ...data };
  const kinds = Object.entries(content);
  if (kinds.length !== 1) {
    throw invalid(field, "must have exactly one of text, raw, url and data");
  }
  const [[kind, given]] = kinds as [[string, unknown]];
  if (kind !== "data" && typeof given !== "string") {
    throw invalid(`${field}.${kind}`, "must be a string");
  }
  const { mediaType = "" } = params;
  if (mediaType !== "" && !modes.includes(`${mediaType}`)) {
    throw new A2AError(
      "CONTENT_TYPE_NOT_SUPPORTED",
      `Content type not supported; the agent takes ${modes.join(", ")}`,
    );
  }
  return { ...content, ...pick(params, ["mediaType", "filename", "metadata"]) };
}

/** @throws {A2AError} If it is not valid, or asks for push notifications. */
export function readConfiguration(value: unknown): SendConfiguration {
  const params = value === undefined ? {} : readParams(value, "configuration");
  if (params.taskPushNotificationConfig !== undefined) {
    throw new A2AError("PUSH_NOTIFICATION_NOT_SUPPORTED");
  }
  return {
    historyLength: readCount(params, "historyLength"),
    returnImmediately: params.returnImmediately === true,
  };
}

/** A whole number of at least `min`, which a query has as text; undefined if it is not given. */
export function readCount(
  params: Params,
  key: string,
  min = 0,
  max = 2 ** 31 - 1,
): number | undefined {
  const { [key]: value } = params;
  if (value === undefined || value === "") return undefined;
  const count = typeof value === "number" || typeof value === "string" ? Number(value) : NaN;
  if (Number.isInteger(count) && count >= min && count <= max) return count;
  throw invalid(key, `must be a whole number from ${min} to ${max}`);
}

/** @throws {A2AError} If no task is named. */
export function readTaskId({ id }: Params): string {
  if (typeof id === "string" && id !== "") return id;
  throw invalid("id", "must be the id of a task");
}

function pick(params: Params, keys: readonly string[]): Params {
  return Object.fromEntries(
    keys.filter((key) => params[key] !== undefined).map((
      key,
    ) => [key, params[key]]),
  );
}
