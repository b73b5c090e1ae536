/** Reads the option that keeps a conversation short. */

import { describe, isRecord } from "../../core/options.ts";
import type { ConversationManager } from "../../memory/conversation/manager.ts";

/** @throws {TypeError} If it is not a conversation manager. */
export function readManager(value: unknown = null): ConversationManager | null {
  if (value === null) return null;
  if (isRecord(value) && typeof value.apply === "function") {
    return value as Record<string, unknown> & ConversationManager;
  }
  throw new TypeError(
    `Agent: "conversationManager" must be an object with apply(), such as compaction() of ` +
      `@locus/core/memory makes, got ${describe(value)}`,
  );
}
