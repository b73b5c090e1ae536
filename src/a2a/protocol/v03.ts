/**
 * A2A 0.3, as a table of what it says in other words. Everything else knows 1.0 alone: what comes in is translated first, what
 * goes out last.
 */
import { isRecord } from "../../core/options.ts";
import { fieldsOf, isShapeName, type Shape } from "./shapes.ts";

/** A version of the protocol. */
export type Version = "1.0" | "0.3";

/** How the protocol is bound to HTTP. */
export type Binding = "JSONRPC" | "HTTP+JSON";

type Json = Readonly<Record<string, unknown>>;

/** The kinds of objects that say what they are, and where the frames and answers of 1.0 have them. */
const KINDS: Readonly<Record<string, readonly [kind: string, key: string]>> = {
  Task: ["task", "task"],
  Message: ["message", "message"],
  StatusUpdate: ["status-update", "statusUpdate"],
  ArtifactUpdate: ["artifact-update", "artifactUpdate"],
};

/** What is said otherwise, by the object or the leaf: from 1.0, and from 0.3. */
type Words = Readonly<
  Record<string, readonly [old: (value: never) => unknown, now: (value: never) => unknown]>
>;

/** JSON-RPC has words of its own, HTTP+JSON those of the first protobuf, which 1.0 has changed less. */
const WORDS: Readonly<Record<Binding, Words>> = {
  JSONRPC: {
    State: [
      (state: string) => toWord(state, "TASK_STATE_"),
      (word: string) => toName(word, "TASK_STATE_"),
    ],
    Role: [(role: string) => toWord(role, "ROLE_"), (word: string) => toName(word, "ROLE_")],
    Part: [oldPart, newPart],
    // Blocking, unless it says that it is not.
    Configuration: configuration("pushNotificationConfig", (blocking) => blocking !== false),
  },
  "HTTP+JSON": {
    State: [
      (state: string) => state.replace(/CANCELED$/, "CANCELLED"),
      (state: string) => state.replace(/CANCELLED$/, "CANCELED"),
    ],
    Message: [
      ({ parts, ...rest }: Json) => defined({ ...rest, content: parts }),
      ({ content, ...rest }: Json) => defined({ parts: content, ...rest }),
    ],
    Part: [oldProtoPart, newProtoPart],
    // What is false, protobuf leaves out.
    Configuration: configuration("pushNotification", (blocking) => blocking === true),
  },
};

/** What 0.3 says in place of an object of 1.0; `isLast` is for the last frame of a stream. */
export function toOld(binding: Binding, shape: Shape, value: unknown, isLast = false): unknown {
  if (shape !== "Frame" && shape !== "Sent") return walk(binding, shape, value, 0);
  for (const [of, [, key]] of Object.entries(KINDS)) {
    if (!isRecord(value) || value[key] === undefined) continue;
    const said = walk(binding, of, value[key], 0) as Json;
    const old = of === "StatusUpdate" ? { ...said, final: isLast } : said;
    return binding === "JSONRPC" ? old : { [key]: old };
  }
  return value;
}

/** What 1.0 says in place of an object of 0.3. What is not one stays as it is, to be refused by who reads it. */
export function fromOld(binding: Binding, shape: Shape, value: unknown): unknown {
  const isTold = binding === "JSONRPC" && (shape === "Frame" || shape === "Sent");
  if (!isTold) return walk(binding, shape, value, 1);
  for (const [of, [kind, key]] of Object.entries(KINDS)) {
    if (isRecord(value) && value.kind === kind) return { [key]: walk(binding, of, value, 1) };
  }
  return value;
}

/** Translates what is inside before the object in one direction, and after it in the other: the fields are those of 1.0. */
function walk(binding: Binding, of: string, value: unknown, to: 0 | 1): unknown {
  const words = WORDS[binding];
  const isLeaf = !isShapeName(of);
  if (isLeaf ? typeof value !== "string" : !isRecord(value)) return value;
  const word = Object.hasOwn(words, of) ? words[of]![to] : undefined;
  if (isLeaf) return word === undefined ? value : word(value as never);
  if (to === 1) return walkFields(binding, of, (word?.(value as never) ?? value) as Json, to);
  const old = walkFields(binding, of, value as Json, to);
  const kind = binding === "JSONRPC" ? KINDS[of]?.[0] : undefined;
  return word?.(old as never) ?? (kind === undefined ? old : { kind, ...old });
}

function walkFields(binding: Binding, of: Shape, value: Json, to: 0 | 1): Json {
  const fields = fieldsOf(of);
  const one = (key: string, value: unknown) => {
    const field = fields.get(key)?.of;
    if (field === undefined) return value;
    const walked = (one: unknown) => walk(binding, field, one, to);
    return Array.isArray(value) ? value.map(walked) : walked(value);
  };
  return Object.fromEntries(Object.entries(value).map(([key, it]) => [key, one(key, it)]));
}

function configuration(push: string, isBlocking: (blocking: unknown) => boolean): Words[string] {
  return [
    ({ returnImmediately, taskPushNotificationConfig, ...rest }: Json) =>
      defined({
        ...rest,
        blocking: returnImmediately !== true,
        [push]: taskPushNotificationConfig,
      }),
    ({ blocking, [push]: config, ...rest }: Json) =>
      defined({
        ...rest,
        returnImmediately: !isBlocking(blocking),
        taskPushNotificationConfig: config,
      }),
  ];
}

function toWord(name: string, prefix: string): string {
  return name.slice(prefix.length).toLowerCase().replaceAll("_", "-");
}

function toName(word: string, prefix: string): string {
  return prefix + word.toUpperCase().replaceAll("-", "_");
}

function oldPart({ text, raw, url, data, mediaType, filename, metadata }: Json): Json {
  if (text !== undefined) return defined({ kind: "text", text, metadata });
  if (data !== undefined) return defined({ kind: "data", data: asObject(data), metadata });
  const file = defined({ bytes: raw, uri: url, mimeType: mediaType, name: filename });
  return defined({ kind: "file", file, metadata });
}

function newPart({ text, file, data, metadata }: Json): Json {
  const { bytes, uri, mimeType, name } = isRecord(file) ? file : {};
  const of = { mediaType: mimeType, filename: name };
  return defined({ text, data, raw: bytes, url: uri, ...of, metadata });
}

function oldProtoPart({ text, raw, url, data, mediaType, filename, metadata }: Json): Json {
  if (text !== undefined) return defined({ text, metadata });
  if (data !== undefined) return defined({ data: { data: asObject(data) }, metadata });
  const of = { mimeType: mediaType, name: filename };
  return defined({ file: defined({ fileWithBytes: raw, fileWithUri: url, ...of }), metadata });
}

function newProtoPart({ file, data, ...rest }: Json): Json {
  const { fileWithBytes: bytes, fileWithUri: uri, ...of } = isRecord(file) ? file : {};
  return newPart({ ...rest, file: { bytes, uri, ...of }, data: isRecord(data) ? data.data : data });
}

/** Other data 0.3 does not know. */
function asObject(data: unknown): Json {
  return isRecord(data) ? data : { value: data };
}

function defined(value: Json): Json {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined));
}
