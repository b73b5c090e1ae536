import type { ToolContext } from "../../agent/tools/context.ts";
import type { Tool } from "../../agent/tools/tool.ts";
import { hash } from "../../core/hash.ts";
import { isRecord } from "../../core/options.ts";
import { clip } from "../../redaction/clip.ts";
import { FileError } from "./backend.ts";
import { type FilesOf, writeFile } from "./tools.ts";

/**
 * A tool whose long results become files: the agent gets their beginning, and reads on with `read_file`. What cannot be
 * written is left to the agent, which cuts it.
 *
 * @param most How many characters a result may have.
 */
export function offloading(given: Tool, filesOf: FilesOf, most: number): Tool {
  const execute = async (args: never, context: ToolContext): Promise<unknown> => {
    const result: unknown = await given.execute(args, context);
    const text = textOf(result);
    if (text.length <= most) return result;
    const { toolName, toolCallId, iteration } = context;
    // Some providers give calls of several turns the same id.
    const name = `${iteration}-${hash(toolCallId)}`;
    const path = `/results/${toolName.replace(/[^\w-]/g, "_").slice(0, 64)}-${name}.txt`;
    try {
      await writeFile(filesOf(context), context, path, () => text);
    } catch (error) {
      if (error instanceof FileError) return result;
      throw error;
    }
    return `${
      clip(text, Math.min(most, PREVIEW))
    }\n[${text.length} characters; all of it is in ${path}]`;
  };
  return Object.freeze({ ...given, execute }) as Tool;
}

const PREVIEW = 2000;

/** A result as text; `""` for what a model gets as something else, such as an image. */
function textOf(result: unknown): string {
  if (typeof result === "string") return result;
  const first = Array.isArray(result) ? result[0] : result;
  if (!isRecord(first) || typeof first["type"] === "string") return "";
  try {
    return JSON.stringify(result) ?? "";
  } catch {
    return "";
  }
}
