/** What a run is asked: a text, or messages of the AI SDK and of earlier runs. */

import { describe, isRecord } from "../../core/options.ts";
import { type Content, type FileContent, NO_FILES, toContent } from "./files.ts";
import {
  type Arguments,
  assistantMessage,
  filesOf,
  type Message,
  type Source,
  systemMessage,
  type ToolCall,
  toolMessage,
  userMessage,
} from "./messages.ts";
import {
  checkStored,
  list,
  object,
  oneOf,
  record,
  text,
  textOrNull,
} from "../json_schema/shapes.ts";
import { describeIssues } from "../../events/standard_schema.ts";

/** A message as the AI SDK writes it (`ModelMessage`), one of a run's `messages`, or a text of the AI SDK's page. */
export interface InputMessage {
  /** Who says it: `system`, `user`, `assistant` or `tool`. */
  readonly role: string;
  /** A text, or parts: text, images and other files, reasoning, sources, tool calls and tool results. */
  readonly content?: string | null | readonly object[];
  /** What a `UIMessage` has in place of `content`; only text and files. */
  readonly parts?: readonly object[];
}

/** What a run is asked: a text, or a conversation that ends with what the user says. */
export type Prompt = string | readonly InputMessage[];

export interface ReadPrompt {
  readonly prompt: string;
  /** The files whose labels are in it. */
  readonly files: readonly FileContent[];
  readonly history: readonly Message[];
}

/** @throws {TypeError} If it is neither, or says what an agent cannot hand on. */
export function readPrompt(owner: string, value: unknown): ReadPrompt {
  if (typeof value === "string") return { prompt: value, files: NO_FILES, history: [] };
  if (!Array.isArray(value)) {
    throw new TypeError(
      `${owner}: the prompt must be a string, got ${
        describe(value)
      }; an array of messages will do as well`,
    );
  }
  const messages = value.flatMap((given: unknown, index) =>
    readMessage(`${owner}: message ${index + 1} of the prompt`, given)
  );
  const last = messages.at(-1);
  if (last?.role !== "user") {
    throw new TypeError(
      `${owner}: the messages of a prompt must end with one of the user, got ` +
        (last === undefined ? "none" : `one of role "${last.role}"`),
    );
  }
  return { prompt: last.content ?? "", files: filesOf(last), history: messages.slice(0, -1) };
}

function readMessage(owner: string, given: unknown): Message[] {
  if (!isRecord(given)) throw new TypeError(`${owner} must be an object, got ${describe(given)}`);
  const { role } = given;
  if ("tool_calls" in given && "metadata" in given) return [ownMessage(owner, given)];
  const content = given["content"] ?? given["parts"];
  const parts = typeof content === "string" ? [{ type: "text", text: content }] : content;
  if (!Array.isArray(parts) || !parts.every(isRecord)) {
    throw new TypeError(
      `${owner}: "content" must be a string or an array of parts, got ${describe(content)}`,
    );
  }
  for (const { type } of parts) {
    if (PARTS[role as string]?.includes(type as string)) continue;
    throw PARTS[role as string] === undefined
      ? new TypeError(
        `${owner}: "role" must be system, user, assistant or tool, got ${describe(role)}`,
      )
      : new TypeError(`${owner}: an agent cannot hand on parts of type ${describe(type)} there`);
  }
  if (role === "user") {
    const { text, files } = toContent(owner, parts);
    return [userMessage(text, files)];
  }
  if (role === "tool") return parts.map((part) => result(owner, part));
  const text = parts.map((part) => part["type"] === "text" ? part["text"] : "").join("");
  return [role === "system" ? systemMessage(text) : answer(owner, parts, text)];
}

type Part = Readonly<Record<string, unknown>>;

/** What each role may say; a step of a page is not a part of what is said. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  system: ["text"],
  user: ["text", "image", "file"],
  assistant: [
    "text",
    "reasoning",
    "tool-call",
    "tool-result",
    "file",
    "reasoning-file",
    "custom",
    "source",
    "source-url",
    "source-document",
    "step-start",
  ],
  tool: ["tool-result"],
};

function answer(owner: string, parts: readonly Part[], text: string): Message {
  const sources = parts.filter(isSource).map(toSource);
  const said = parts.filter((part) => part["type"] !== "step-start" && !isSource(part));
  // What the provider executed has its result in the answer; it is not for us to complete.
  const ours = said.filter(({ type, providerExecuted }) =>
    type === "tool-call" && !providerExecuted
  );
  const calls = ours.map((part) => ({
    id: String(part["toolCallId"]),
    name: String(part["toolName"]),
    arguments: (isRecord(part["input"]) ? part["input"] : {}) as Arguments,
  }));
  // Reasoning, signatures and what else only the provider knows go back as they came.
  const isPlain = said.every((part) =>
    (part["type"] === "text" || ours.includes(part)) && part["providerOptions"] === undefined
  );
  const kept = isPlain ? null : said.map((part) => toKept(owner, part));
  return assistantMessage(text || null, calls, kept, { sources });
}

/** A part as an answer keeps it: a file in our form, as it may be an URL, or bytes of several kinds. */
function toKept(owner: string, part: Part): object {
  if (part["type"] !== "file") return structuredClone(part);
  const { providerOptions } = part;
  return {
    ...toContent(owner, [part]).files[0],
    ...providerOptions !== undefined && { providerOptions },
  };
}

function isSource({ type }: Part): boolean {
  return String(type).startsWith("source");
}

function toSource(part: Part): Source {
  const { id, sourceId = id, url = null, title = null, mediaType = null, filename = null } = part;
  const type = url === null ? "document" : "url";
  return { id: String(sourceId), type, url, title, media_type: mediaType, filename } as Source;
}

function result(owner: string, { toolCallId, toolName, output }: Part): Message {
  const { type, value } = (isRecord(output) ? output : { value: output }) as Part;
  const { text, files }: Content = type === "content" && Array.isArray(value)
    ? toContent(owner, value.filter(isRecord), "\n")
    : { text: typeof value === "string" ? value : JSON.stringify(value) ?? "", files: NO_FILES };
  const call = { id: String(toolCallId), name: String(toolName), arguments: {} };
  return toolMessage(call, text, String(type).startsWith("error"), files);
}

/** A message of an earlier run, which may have been anywhere since. */
function ownMessage(owner: string, given: Part): Message {
  const whole = { tool_call_id: null, name: null, ...structuredClone(given) };
  const read = checkStored<Message>(MESSAGE, whole);
  if (read.issues === undefined) return read.value;
  throw new TypeError(`${owner}: ${describeIssues(read.issues.slice(0, 3))}`);
}

export const TOOL_CALL = /* @__PURE__ */ object<ToolCall>({
  id: text,
  name: text,
  arguments: record,
});

export const MESSAGE = /* @__PURE__ */ object<Message>({
  role: oneOf(["system", "user", "assistant", "tool"]),
  content: textOrNull,
  tool_calls: list(TOOL_CALL),
  tool_call_id: textOrNull,
  name: textOrNull,
  metadata: {
    type: "object",
    properties: { parts: list(object<{ type: string }>({ type: text })) },
  },
});
