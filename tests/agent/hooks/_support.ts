/** What the tests of hooks share. */

import { type BeforeToolCallEvent, type Hook, tool } from "../../../src/agent/mod.ts";

/** What is printed to the console as an error while `work` runs. */
export async function printed(work: () => Promise<unknown>): Promise<string> {
  const { error } = console;
  const lines: string[] = [];
  console.error = (...args: unknown[]) => void lines.push(args.join(" "));
  try {
    await work();
  } finally {
    console.error = error;
  }
  return lines.join("\n");
}

/** A tool that counts how often its body runs, and what it is called with. */
export function countingTool(name = "add", body: (nth: number) => unknown = () => "ok") {
  const calls: Record<string, unknown>[] = [];
  const counted = tool({
    name,
    parameters: { type: "object", properties: { a: { type: "integer" }, b: { type: "integer" } } },
    execute: (args) => body(calls.push(args)),
  });
  return { tool: counted, calls };
}

/** A hook that calls `steer` before each tool call. */
export function beforeTool(steer: (event: BeforeToolCallEvent) => void | Promise<void>): Hook {
  return { onBeforeToolCall: steer };
}
