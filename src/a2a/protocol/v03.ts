/**
 * A2A 0.3, as a table of what it says in other words. Everything else knows 1.0 alone: what comes in is translated first, what
 * goes out last.
 */
import { isRecord } from "../../core/options.ts";
import { fieldsOf, isShapeName, type Shape } from "./shapes.ts";

/** A version of the protocol. */
export type Version = "1.0" | "0.3";

type Json = Readonly<Record<string, unknown>>;

/** The kinds of objects that say what they are, and where the frames and answers of 1.0 have them. */
const KINDS: Readonly<Record<string, readonly [kind: string, key: string]>> = {
  Task: ["task", "task"],
  Message: ["message", "message"],
  StatusUpdate: ["status-update", "statusUpdate"],
  ArtifactUpdate: ["artifact-update", "artifactUpdate"],
};

/** What is said otherwise, beside the kinds: from 1.0, and from 0.3. */
const WORDS: Readonly<
  Record<string, readonly [old: (value: never) => unknown, now: (value: never) => unknown]>
> = {
  State: [
    (state: string) => toWord(state, "TASK_STATE_"),
    (word: string) => toName(word, "TASK_STATE_"),
  ],
  Role: [(role: string) => toWord(role, "ROLE_"), (word: string) => toName(word, "ROLE_")],
  Part: [oldPart, newPart],
  Configuration: [
    ({ returnImmediately, taskPushNotificationConfig, ...rest }: Json) =>
      defined({
        ...rest,
        blocking: returnImmediately !== true,
        pushNotificationConfig: taskPushNotificationConfig,
      }),
    ({ blocking, pushNotificationConfig, ...rest }: Json) =>
      defined({
        ...rest,
        // Blocking, unless it says that it is not.
        returnImmediately: blocking === false,
        taskPushNotificationConfig: pushNotificationConfig,
      }),
  ],
};

/** What 0.3 says in place of an object of 1.0; `isLast` is for the last frame of a stream. */
export function toOld(shape: Shape, value: unknown, isLast = false): unknown {
  if (shape !== "Frame" && shape !== "Sent") return walk(shape, value, 0);
  for (const [of, [, key]] of Object.entries(KINDS)) {
    if (!isRecord(value) || value[key] === undefined) continue;
    const old = walk(of, value[key], 0) as Json;
    return of === "StatusUpdate" ? { ...old, final: isLast } : old;
  }
  return value;
}

/** What 1.0 says in place of an object of 0.3. What is not one stays as it is, to be refused by who reads it. */
export function fromOld(shape: Shape, value: unknown): unknown {
  if (shape !== "Frame" && shape !== "Sent") return walk(shape, value, 1);
  for (const [of, [kind, key]] of Object.entries(KINDS)) {
    if (isRecord(value) && value.kind === kind) return { [key]: walk(of, value, 1) };
  }
  return value;
}

function walk(of: string, value: unknown, to: 0 | 1): unknown {
  const word = Object.hasOwn(WORDS, of) ? WORDS[of]![to] : undefined;
  if (word !== undefined) {
    const isFit = of === "State" || of === "Role" ? typeof value === "string" : isRecord(value);
    return isFit ? word(value as never) : value;
  }
  if (!isRecord(value) || !isShapeName(of)) return value;
  const fields = fieldsOf(of);
  const entries = Object.entries(value).map(([key, one]) => {
    const field = fields.get(key)?.of;
    if (field === undefined) return [key, one];
    return [key, Array.isArray(one) ? one.map((it) => walk(field, it, to)) : walk(field, one, to)];
  });
  const kind = to === 0 ? KINDS[of]?.[0] : undefined;
  return { ...kind !== undefined && { kind }, ...Object.fromEntries(entries) };
}

function toWord(name: string, prefix: string): string {
  return name.slice(prefix.length).toLowerCase().replaceAll("_", "-");
}

function toName(word: string, prefix: string): string {
  return prefix + word.toUpperCase().replaceAll("-", "_");
}

function oldPart({ text, raw, url, data, mediaType, filename, metadata }: Json): Json {
  if (text !== undefined) return defined({ kind: "text", text, metadata });
  if (data !== undefined) {
    return defined({ kind: "data", data: isRecord(data) ? data : { value: data }, metadata });
  }
  const file = defined({ bytes: raw, uri: url, mimeType: mediaType, name: filename });
  return defined({ kind: "file", file, metadata });
}

function newPart({ text, file, data, metadata }: Json): Json {
  const { bytes, uri, mimeType, name } = isRecord(file) ? file : {};
  return defined({
    text,
    data,
    raw: bytes,
    url: uri,
    mediaType: mimeType,
    filename: name,
    metadata,
  });
}

function defined(value: Json): Json {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined));
}
