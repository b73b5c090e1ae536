/** What goes over the wire, described once: it checks requests and answers, and says what A2A 0.3 has to be translated of. */
import { isRecord } from "../../core/options.ts";
import { isThreadId } from "../../memory/checks.ts";
import { A2AError, invalid } from "./errors.ts";
import { isTaskState } from "./states.ts";

/** An object of the protocol, by its name. */
export type Shape = keyof typeof SHAPES;

/** What a field holds: a leaf or a shape; `[]` for a list of them, `!` for what may not be missing. */
export type Fields = Readonly<Record<string, string>>;

const UPDATE = { taskId: "id!", contextId: "id", metadata: "object" };
const NAMED = { metadata: "object", extensions: "string[]" };

/** Every object that is read, with the fields that are kept of it. */
export const SHAPES = {
  Part: {
    ...{ text: "text", raw: "base64", url: "string", data: "json" },
    ...{ mediaType: "string", filename: "string", metadata: "object" },
  },
  Message: {
    ...{ messageId: "id!", role: "Role!", parts: "Part[]!", contextId: "id", taskId: "id" },
    ...{ referenceTaskIds: "id[]", ...NAMED },
  },
  Artifact: {
    ...{ artifactId: "id!", parts: "Part[]!", name: "string", description: "string" },
    ...NAMED,
  },
  Status: { state: "State!", message: "Message", timestamp: "string" },
  Task: {
    ...{ id: "id!", contextId: "id", status: "Status!", artifacts: "Artifact[]" },
    ...{ history: "Message[]", metadata: "object" },
  },
  StatusUpdate: { ...UPDATE, status: "Status!" },
  ArtifactUpdate: { ...UPDATE, artifact: "Artifact!", append: "boolean", lastChunk: "boolean" },
  StreamResponse: {
    ...{ task: "Task", message: "Message" },
    ...{ statusUpdate: "StatusUpdate", artifactUpdate: "ArtifactUpdate" },
  },
  SendMessageResponse: { task: "Task", message: "Message" },
  TaskList: { tasks: "Task[]", nextPageToken: "text", pageSize: "count", totalSize: "count" },
  Configuration: {
    ...{ acceptedOutputModes: "string[]", historyLength: "count" },
    ...{ returnImmediately: "boolean", taskPushNotificationConfig: "object" },
  },
  MessageRequest: { message: "Message!", configuration: "Configuration", metadata: "object" },
  TaskRequest: { id: "id!", historyLength: "count", metadata: "object" },
  ListRequest: {
    ...{ contextId: "id", status: "State", pageSize: "count", pageToken: "string" },
    ...{ historyLength: "count", statusTimestampAfter: "time", includeArtifacts: "boolean" },
  },
} as const satisfies Record<string, Fields>;

/** Of these, exactly one field is given. */
const ONE_OF: Readonly<Record<string, readonly string[]>> = {
  Part: ["text", "raw", "url", "data"],
  StreamResponse: ["task", "message", "statusUpdate", "artifactUpdate"],
  SendMessageResponse: ["task", "message"],
};

/** Values that are no objects of the protocol: what they must be, and what is kept; undefined if they are not. */
const LEAVES: Readonly<Record<string, readonly [string, (value: unknown) => unknown]>> = {
  id: [
    "a string of 1 to 256 characters",
    (value) => isThreadId(value) && value.length <= 256 ? value : undefined,
  ],
  text: ["a string", (value) => typeof value === "string" ? value : undefined],
  string: ["a string", (value) => typeof value === "string" ? value : undefined],
  base64: [
    "bytes in base64",
    (value) => typeof value === "string" && BASE64.test(value) ? value : undefined,
  ],
  object: ["an object", (value) => isRecord(value) ? value : undefined],
  json: ["JSON", (value) => value],
  // A query has everything as text.
  boolean: ["true or false", (value) => BOOLEANS.get(value)],
  count: [`a whole number from 0 to ${2 ** 31 - 1}`, readCount],
  time: [
    "a time of ISO 8601",
    (value) => TIME.test(`${value}`) && !Number.isNaN(Date.parse(`${value}`)) ? value : undefined,
  ],
  State: ["a state", (value) => isTaskState(value) ? value : undefined],
  Role: [
    "ROLE_USER or ROLE_AGENT",
    (value) => value === "ROLE_USER" || value === "ROLE_AGENT" ? value : undefined,
  ],
};

const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;
const BOOLEANS = new Map<unknown, boolean>([[true, true], ["true", true], [false, false], [
  "false",
  false,
]]);

function readCount(value: unknown): number | undefined {
  const count = typeof value === "number" || /^\d{1,10}$/.test(`${value}`) ? Number(value) : -1;
  return Number.isInteger(count) && count >= 0 && count < 2 ** 31 ? count : undefined;
}

/**
 * Reads an object of the protocol. Both spellings of a key are taken, as readers of ProtoJSON do; what is null counts as not
 * given, as does an empty text; unknown keys are not kept.
 *
 * @throws {A2AError} That names the field, and what it must be.
 */
export function readShape<T>(shape: Shape, value: unknown, field: string): T {
  if (!isRecord(value)) throw invalid(field, "must be an object");
  const fields: Fields = SHAPES[shape];
  const read: Record<string, unknown> = {};
  for (const [key, type] of Object.entries(fields)) {
    const given = ownValue(value, key);
    const at = shape.endsWith("Request") ? key : `${field}.${key}`;
    const isGiven = given !== undefined && (given !== null || type === "json") &&
      (given !== "" || type === "text");
    if (isGiven) {
      const one = readField(type, given, at);
      if (one !== undefined) read[key] = one;
    } else if (type.endsWith("!")) throw invalid(at, "is missing");
  }
  const choices = ONE_OF[shape];
  if (choices !== undefined && choices.filter((key) => key in read).length !== 1) {
    throw invalid(field, `must have exactly one of ${choices.join(", ")}`);
  }
  return read as T;
}

function ownValue(value: Readonly<Record<string, unknown>>, key: string): unknown {
  if (Object.hasOwn(value, key)) return value[key];
  const snake = key.replace(/[A-Z]/g, (char) => `_${char.toLowerCase()}`);
  return Object.hasOwn(value, snake) ? value[snake] : undefined;
}

function readField(type: string, value: unknown, field: string): unknown {
  const { of, isList } = parseType(type);
  if (!isList) return readOne(of, value, field);
  if (Array.isArray(value) && value.length > 0 || (Array.isArray(value) && !type.endsWith("!"))) {
    return value.map((one, i) => readOne(of, one, `${field}[${i}]`));
  }
  throw invalid(field, type.endsWith("!") ? "must be a list that is not empty" : "must be a list");
}

function readOne(of: string, value: unknown, field: string): unknown {
  if (Object.hasOwn(SHAPES, of)) return readShape(of as Shape, value, field);
  // What ProtoJSON says in place of nothing.
  if (of === "State" && value === "TASK_STATE_UNSPECIFIED") return undefined;
  const [must, read] = LEAVES[of]!;
  const kept = read(value);
  if (kept === undefined) throw invalid(field, `must be ${must}`);
  return kept;
}

/** What a field holds, and whether it is a list. */
export function parseType(type: string): { of: string; isList: boolean } {
  return { of: type.replace(/[[\]!]/g, ""), isList: type.includes("[]") };
}

/** Reads what a server answered. @throws {A2AError} If it is not that. */
export function readAnswer<T>(shape: Shape, value: unknown): T {
  try {
    return readShape<T>(shape, value, "result");
  } catch (error) {
    throw new A2AError(
      "INVALID_AGENT_RESPONSE",
      `Not an answer of A2A: ${(error as Error).message}`,
    );
  }
}
