/** What goes over the wire, described once: it checks requests and answers, and says what A2A 0.3 has to be translated of. */
import { describe, isRecord } from "../../core/options.ts";
import { isThreadId } from "../../memory/checks.ts";
import { A2AError, invalid } from "./errors.ts";
import { isTaskState } from "./states.ts";

/** An object of the protocol, by its name. */
export type Shape = keyof typeof SHAPES;

const UPDATE = "taskId:id! contextId:id metadata:object";
const NAMED = "metadata:object extensions:string[]";

/**
 * Every object that is read, with the fields that are kept of it, and what they hold: a leaf or another object; `[]` for a list
 * of them, `!` for what may not be missing.
 */
const SHAPES = {
  Part:
    "text:text raw:base64 url:string data:json mediaType:string filename:string metadata:object",
  Message:
    `messageId:id! role:Role! parts:Part[]! contextId:id taskId:id referenceTaskIds:id[] ${NAMED}`,
  Artifact: `artifactId:id! parts:Part[]! name:string description:string ${NAMED}`,
  Status: "state:State! message:Message timestamp:string",
  Task: "id:id! contextId:id status:Status! artifacts:Artifact[] history:Message[] metadata:object",
  StatusUpdate: `${UPDATE} status:Status!`,
  ArtifactUpdate: `${UPDATE} artifact:Artifact! append:boolean lastChunk:boolean`,
  Frame: "task:Task message:Message statusUpdate:StatusUpdate artifactUpdate:ArtifactUpdate",
  Sent: "task:Task message:Message",
  TaskList: "tasks:Task[] nextPageToken:text pageSize:count totalSize:count",
  Interface: "url:url! protocolBinding:string! protocolVersion:string! tenant:string",
  Extension: "uri:string! description:string required:boolean params:object",
  Skill: "id:string! name:string! description:string! tags:string[]! examples:string[]",
  CardOptions: "name:string! description:string! url:url! version:string! skills:Skill[]! " +
    "inputModes:string[]! outputModes:string[]! extensions:Extension[] provider:object " +
    "documentationUrl:url iconUrl:url",
  Configuration: "acceptedOutputModes:string[] historyLength:count returnImmediately:boolean " +
    "taskPushNotificationConfig:object",
  Send: "message:Message! configuration:Configuration metadata:object",
  ById: "id:id! historyLength:count metadata:object",
  List: "contextId:id status:State pageSize:count pageToken:string historyLength:count " +
    "statusTimestampAfter:time includeArtifacts:boolean",
} as const;

/** A field of an object. */
export interface Field {
  /** The leaf or the object that it holds. */
  readonly of: string;
  readonly isList: boolean;
  readonly isNeeded: boolean;
}

const known = new Map<Shape, ReadonlyMap<string, Field>>();

/** The fields of an object, by name. */
export function fieldsOf(shape: Shape): ReadonlyMap<string, Field> {
  const found = known.get(shape);
  if (found !== undefined) return found;
  const fields = new Map(
    SHAPES[shape].split(" ").map((text) => {
      const [, key = "", of = "", list, needed] = /^(\w+):(\w+)(\[\])?(!)?$/.exec(text) ?? [];
      return [key, { of, isList: list !== undefined, isNeeded: needed !== undefined }];
    }),
  );
  known.set(shape, fields);
  return fields;
}

/** Whether `name` is an object of the protocol, and no leaf. */
export function isShapeName(name: string): name is Shape {
  return Object.hasOwn(SHAPES, name);
}

/** Of these, exactly one field is given. */
const ONE_OF: Readonly<Record<string, readonly string[]>> = {
  Part: ["text", "raw", "url", "data"],
  Frame: ["task", "message", "statusUpdate", "artifactUpdate"],
  Sent: ["task", "message"],
};

const isText = (value: unknown): value is string => typeof value === "string";
const isCount = (value: unknown) => Number.isInteger(value) && Number(value) >= 0;

/** Values that are no objects of the protocol, and what they must be. */
const LEAVES: Readonly<Record<string, readonly [string, (value: unknown) => boolean]>> = {
  id: ["a string of 1 to 256 characters", (one) => isThreadId(one) && one.length <= 256],
  text: ["a string", isText],
  string: ["a string that is not empty", isText],
  base64: ["bytes in base64", (one) => isText(one) && /^[\w+/-]*={0,2}$/.test(one)],
  url: ["an absolute URL of http or https", (one) => isText(one) && isWeb(one)],
  object: ["an object", isRecord],
  json: ["JSON", () => true],
  boolean: ["true or false", (one) => typeof one === "boolean"],
  count: [`a whole number below ${2 ** 31}`, (one) => isCount(one) && Number(one) < 2 ** 31],
  time: [
    "a time of ISO 8601",
    (one) => isText(one) && /^\d{4}-\d\d-\d\dT/.test(one) && Date.parse(one) > 0,
  ],
  State: ["a state", isTaskState],
  Role: ["ROLE_USER or ROLE_AGENT", (one) => one === "ROLE_USER" || one === "ROLE_AGENT"],
};

function isWeb(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

/**
 * Reads an object of the protocol. Both spellings of a key are taken, as readers of ProtoJSON do; what is null counts as not
 * given, as does an empty text; unknown keys are not kept.
 *
 * @param field How errors name it; empty for parameters.
 * @throws {A2AError} That names the field, and what it must be.
 */
export function readShape<T>(shape: Shape, value: unknown, field: string): T {
  if (!isRecord(value)) throw invalid(field || "params", "must be an object");
  const read: Record<string, unknown> = {};
  for (const [key, type] of fieldsOf(shape)) {
    const given = ownValue(value, key);
    const at = field === "" ? key : `${field}.${key}`;
    const isGiven = given !== undefined && (given !== null || type.of === "json") &&
      (given !== "" || type.of === "text");
    if (isGiven) {
      const one = readField(type, given, at);
      if (one !== undefined) read[key] = one;
    } else if (type.isNeeded) throw invalid(at, "is missing");
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

function readField({ of, isList, isNeeded }: Field, value: unknown, field: string): unknown {
  if (!isList) return readOne(of, value, field);
  if (Array.isArray(value) && (value.length > 0 || !isNeeded)) {
    return value.map((one, i) => readOne(of, one, `${field}[${i}]`));
  }
  throw invalid(field, isNeeded ? "must be a list that is not empty" : "must be a list");
}

function readOne(of: string, value: unknown, field: string): unknown {
  if (isShapeName(of)) return readShape(of, value, field);
  // What ProtoJSON says in place of nothing.
  if (of === "State" && value === "TASK_STATE_UNSPECIFIED") return undefined;
  const [must, isFit] = LEAVES[of]!;
  // A query has everything as text.
  const isQuery = (of === "boolean" || of === "count") &&
    /^(true|false|0|[1-9]\d{0,9})$/.test(`${value}`);
  const kept: unknown = isQuery ? JSON.parse(`${value}`) : value;
  if (!isFit(kept)) throw invalid(field, `must be ${must}, got ${describe(kept)}`);
  return kept;
}

/** Whether `value` can be read as that. */
export function isShape(shape: Shape, value: unknown): boolean {
  try {
    readShape(shape, value, "");
    return true;
  } catch {
    return false;
  }
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
