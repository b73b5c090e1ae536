/** The parts of a model's answer that JSON cannot carry as they are: bytes and URLs. */

import { isRecord } from "../../core/json.ts";
import type { Message } from "../state/messages.ts";
import { builtinOf } from "../../runtime/realm.ts";
import { toBase64 } from "../state/files.ts";

/** The message with bytes as base64, which providers take as well. URLs become text as JSON is made. */
export function toStoredMessage(message: Message): Message {
  return mapFiles(message, (data) => {
    const bytes = data.data;
    return builtinOf(bytes) === "Uint8Array"
      ? { ...data, data: toBase64(bytes as Uint8Array) }
      : data;
  });
}

/** The message with its URLs. */
export function fromStoredMessage(message: Message): Message {
  return mapFiles(message, (data) => {
    const { type, url } = data;
    return type === "url" && typeof url === "string" && URL.canParse(url)
      ? { ...data, url: new URL(url) }
      : data;
  });
}

type FileData = Readonly<Record<string, unknown>>;

function mapFiles(message: Message, change: (data: FileData) => FileData): Message {
  const { parts } = message.metadata;
  if (!Array.isArray(parts) || !parts.some(holdsFile)) return message;
  const changed = parts.map((part) =>
    holdsFile(part) ? Object.freeze({ ...part, data: Object.freeze(change(part.data)) }) : part
  );
  const metadata = Object.freeze({ ...message.metadata, parts: Object.freeze(changed) });
  return Object.freeze({ ...message, metadata });
}

function holdsFile(part: unknown): part is { readonly data: FileData } {
  return isRecord(part) && isRecord(part.data);
}
