/** The parts of a model's answer that JSON cannot carry as they are: bytes and URLs. */

import { isRecord } from "../json.ts";
import type { Message } from "../messages.ts";

/** The message with bytes as base64, which providers take as well. URLs become text as JSON is made. */
export function toStoredMessage(message: Message): Message {
  return mapFiles(message, (data) => {
    const bytes = data.data;
    return bytes instanceof Uint8Array ? { ...data, data: toBase64(bytes) } : data;
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

function toBase64(bytes: Uint8Array): string {
  let text = "";
  // In pieces: a function takes only so many arguments.
  for (let i = 0; i < bytes.length; i += PIECE) {
    text += String.fromCharCode(...bytes.subarray(i, i + PIECE));
  }
  return btoa(text);
}

const PIECE = 8192;
