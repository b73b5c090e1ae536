import { checkSignal } from "../../core/checks.ts";
import { checkOptions } from "../../core/options.ts";
import type { Message, Part, Task } from "../protocol/types.ts";

/** Options of a message. */
export interface SendOptions {
  /** The task that the message answers. */
  taskId?: string;
  /** The conversation that it belongs to. @default {a new one} */
  contextId?: string;
  /** How many messages of the history to answer with. @default {all of them} */
  historyLength?: number;
  /** Answer at once, and not when the task is over or waits. @default {false} */
  returnImmediately?: boolean;
  /** Further facts. */
  metadata?: Readonly<Record<string, unknown>>;
  /** Ends the request when aborted; the task goes on. */
  signal?: AbortSignal;
}

/** Which tasks `A2AClient.list()` lists. */
export interface ListOptions {
  /** Of this conversation. */
  contextId?: string;
  /** In this state. */
  status?: Task["status"]["state"];
  /** How many on a page: 1 to 100. */
  pageSize?: number;
  /** `nextPageToken` of the page before. */
  pageToken?: string;
  /** How many messages of the history to show. */
  historyLength?: number;
  /** Whose status is of this time, or newer: ISO 8601. */
  statusTimestampAfter?: string;
  /** Whether to show artifacts. @default {false} */
  includeArtifacts?: boolean;
  /** Ends the request when aborted. */
  signal?: AbortSignal;
}

/** Checks the options, and makes the parameters of a message. */
export function readSend(owner: string, content: string | readonly Part[], options: SendOptions): {
  params: Readonly<Record<string, unknown>>;
  signal: AbortSignal | undefined;
} {
  checkOptions(owner, options, [
    "taskId",
    "contextId",
    "historyLength",
    "returnImmediately",
    "metadata",
    "signal",
  ]);
  const { taskId, contextId, metadata, signal, ...configuration } = options;
  checkSignal(owner, signal);
  const message: Message = {
    messageId: crypto.randomUUID(),
    role: "ROLE_USER",
    parts: typeof content === "string" ? [{ text: content }] : content,
    ...(taskId !== undefined && { taskId }),
    ...(contextId !== undefined && { contextId }),
    ...(metadata !== undefined && { metadata }),
  };
  return { params: { message, configuration }, signal };
}
