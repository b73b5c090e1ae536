import { describe } from "../../core/options.ts";
import type { Checkpointer } from "../../memory/checkpointer.ts";
import { isThreadId, THREAD_ID_RULE } from "../../memory/checks.ts";
import { isRecord } from "../../core/json.ts";

/** @throws {TypeError} If `value` is neither a checkpointer nor null. */
export function readCheckpointer(value: unknown): Checkpointer | null {
  if (value === null || isCheckpointer(value)) return value;
  throw new TypeError(
    `Agent: "checkpointer" must be a MemoryCheckpointer, a storageCheckpointer(), or an object with ` +
      `"backend", save(), load(), listCheckpoints() and delete(), got ${describe(value)}`,
  );
}

/**
 * Where a thread is kept.
 *
 * @throws {TypeError} If the id cannot name a thread, or the agent has no checkpointer.
 */
export function requireCheckpointer(
  owner: string,
  threadId: unknown,
  checkpointer: Checkpointer | null,
): Checkpointer {
  if (!isThreadId(threadId)) {
    throw new TypeError(
      `${owner}: "threadId" must be ${THREAD_ID_RULE}, got ${describe(threadId)}`,
    );
  }
  if (checkpointer !== null) return checkpointer;
  throw new TypeError(
    `${owner}: "threadId" needs an agent with a checkpointer: ` +
      `new Agent({ …, checkpointer: new MemoryCheckpointer() })`,
  );
}

function isCheckpointer(value: unknown): value is Record<string, unknown> & Checkpointer {
  return isRecord(value) && typeof value.backend === "string" &&
    ["save", "load", "listCheckpoints", "delete"].every((name) =>
      typeof value[name] === "function"
    );
}
