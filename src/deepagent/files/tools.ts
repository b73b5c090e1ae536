/** The tools that an agent reads and writes files with. What goes wrong is told as a word: `file_not_found`. */

import type { ToolContext } from "../../agent/tools/context.ts";
import { type Tool, tool } from "../../agent/tools/tool.ts";
import type { JsonSchema } from "../../agent/json_schema/json_schema.ts";
import { sha256, toHex } from "../../core/sha256.ts";
import { InTurn } from "../../memory/in_turn.ts";
import { nextTurn } from "../../runtime/next_turn.ts";
import { type FileBackend, FileError, type FileInfo, readPath } from "./backend.ts";
import { globPattern } from "./glob.ts";
import { linePattern } from "./line_pattern.ts";

/** Where the files of a call are. */
export type FilesOf = (context: ToolContext) => FileBackend;

/** `write_file`, `read_file`, `edit_file`, `ls`, `glob` and `grep`. */
export function fileTools(filesOf: FilesOf): Tool[] {
  const make = <A>(
    name: string,
    description: string,
    properties: Record<string, JsonSchema>,
    required: readonly string[],
    execute: (args: A, files: FileBackend, context: ToolContext) => Promise<string>,
  ) =>
    tool<A>({
      name,
      description,
      parameters: { type: "object", properties, required: [...required] },
      async execute(args, context) {
        try {
          return await execute(args, filesOf(context), context);
        } catch (error) {
          if (error instanceof FileError) return error.code;
          throw error;
        }
      },
    }) as Tool;
  return [
    make<{ path: string; contents: string }>(
      "write_file",
      "Write a file, whole. Makes its folders.",
      { path: PATH, contents: { type: "string" } },
      ["path", "contents"],
      async ({ path: given, contents }, files, context) => {
        const path = readPath(given);
        await writeFile(files, context, path, () => contents);
        return `Wrote ${path}`;
      },
    ),
    make<{ path: string; offset?: number; limit?: number }>(
      "read_file",
      "Read lines of a file, numbered from 1.",
      {
        path: PATH,
        offset: { type: "integer", description: "How many lines to skip", default: 0 },
        limit: { type: "integer", description: "How many lines; 0 for all", default: 100 },
      },
      ["path"],
      async ({ path: given, offset = 0, limit = 100 }, files, context) => {
        const path = readPath(given);
        const text = await readText(files, path);
        const lines = text.split("\n");
        const first = Math.max(0, offset);
        const shown = lines.slice(first, limit > 0 ? first + limit : undefined)
          .map((line, i) => `${String(first + i + 1).padStart(6)}\t${line}`).join("\n");
        tell(context, "deepagent.fs.read", { path, byte_count: sizeOf(shown) });
        return shown;
      },
    ),
    make<{ path: string; old_str: string; new_str: string }>(
      "edit_file",
      "Replace a text that is in a file exactly once.",
      { path: PATH, old_str: { type: "string" }, new_str: { type: "string" } },
      ["path", "old_str", "new_str"],
      async ({ path: given, old_str: before, new_str: after }, files, context) => {
        const path = readPath(given);
        let refusal: string | null = null;
        await writeFile(files, context, path, (text) => {
          if (text === null) throw new FileError("file_not_found");
          const count = before === "" ? 0 : text.split(before).length - 1;
          if (count === 1) return text.replace(before, () => after);
          refusal = count === 0
            ? `old_str is not in ${path}`
            : `old_str is in ${path} ${count} times; give more of what is around it`;
          return null;
        });
        return refusal ?? `Edited ${path}`;
      },
    ),
    make<{ path?: string; recursive?: boolean }>(
      "ls",
      "List a folder.",
      { path: FOLDER, recursive: { type: "boolean", default: false } },
      [],
      async ({ path = "/", recursive = false }, files) => {
        const folder = folderOf(path);
        const seen = new Map<string, object>();
        for (const file of await below(files, folder)) {
          const [name = "", ...rest] = file.path.slice(folder.length).split("/");
          if (recursive || rest.length === 0) seen.set(file.path, { ...file, is_dir: false });
          else {seen.set(folder + name, {
              path: folder + name,
              is_dir: true,
              size: 0,
              modified_at: null,
            });}
        }
        return JSON.stringify([...seen.values()]);
      },
    ),
    make<{ pattern: string; path?: string }>(
      "glob",
      "Find files by a pattern such as **/*.ts, relative to a folder.",
      { pattern: { type: "string" }, path: FOLDER },
      ["pattern"],
      async ({ pattern, path = "/" }, files) => {
        const folder = folderOf(path);
        const matches = patternOf(() => globPattern(pattern));
        if (matches === null) return "invalid_pattern";
        const found = (await below(files, folder))
          .filter((file) => matches(file.path.slice(folder.length)));
        return JSON.stringify(found.map((file) => ({ ...file, is_dir: false })));
      },
    ),
    make<{ pattern: string; path?: string; recursive?: boolean }>(
      "grep",
      "Find lines by a text or a simple regular expression, in all files of a folder.",
      {
        pattern: { type: "string", description: "Without repeated groups; at most two of * and +" },
        path: FOLDER,
        recursive: { type: "boolean", default: true },
      },
      ["pattern"],
      async ({ pattern, path = "/", recursive = true }, files, { signal }) => {
        const folder = folderOf(path);
        const matches = patternOf(() => linePattern(pattern));
        if (matches === null) return "invalid_pattern";
        const found: { path: string; line: number; text: string }[] = [];
        for (const file of await below(files, folder)) {
          signal.throwIfAborted();
          if (!recursive && file.path.slice(folder.length).includes("/")) continue;
          const text = await files.read(file.path).catch(() => null);
          for (const [i, line] of (text ?? "").split("\n").entries()) {
            if (i % PAUSE === PAUSE - 1) {
              await nextTurn();
              signal.throwIfAborted();
            }
            if (!matches(line)) continue;
            found.push({ path: file.path, line: i + 1, text: line.slice(0, MAX_LINE) });
            if (found.length >= MAX_FOUND) return JSON.stringify(found);
          }
        }
        return JSON.stringify(found);
      },
    ),
  ];
}

const PATH: JsonSchema = { type: "string", description: "Absolute: /notes/a.md" };
const FOLDER: JsonSchema = { type: "string", description: "Absolute", default: "/" };
const MAX_FOUND = 500;
const MAX_LINE = 500;
// Everything else gets a turn after so many lines.
const PAUSE = 50;

async function readText(files: FileBackend, path: string): Promise<string> {
  const text = await files.read(path);
  if (text !== null) return text;
  await checkPlace(files, path);
  throw new FileError("file_not_found");
}

/** @throws {FileError} If it is a folder, or would be inside of a file. */
async function checkPlace(files: FileBackend, path: string): Promise<void> {
  const all = await files.list();
  if (path === "/" || all.some((file) => file.path.startsWith(`${path}/`))) {
    throw new FileError("is_directory");
  }
  if (all.some((file) => path.startsWith(`${file.path}/`))) throw new FileError("invalid_path");
}

/**
 * Writes a file, and tells of it. Changes of one file wait for each other, whoever makes them: none is lost.
 *
 * @param change The new text, of the one that is there; null leaves it.
 * @throws {FileError} If it cannot be written.
 */
export async function writeFile(
  files: FileBackend,
  context: ToolContext,
  path: string,
  change: (before: string | null) => string | null,
): Promise<void> {
  await turnsOf(files).run(path, async () => {
    const before = await files.read(path);
    if (before === null) await checkPlace(files, path);
    const text = change(before);
    if (text === null) return;
    context.signal.throwIfAborted();
    await files.write(path, text);
    const bytes = new TextEncoder().encode(text);
    tell(context, "deepagent.fs.write", {
      path,
      byte_count: bytes.length,
      bytes_before: before === null ? null : sizeOf(before),
      hash: toHex(await sha256(bytes)).slice(0, 32),
    });
  });
}

/** Has the changes of files that a function makes anew for each call wait for each other, too: they may be the same files. */
export function inTurn(made: FilesOf): FilesOf {
  const turns = new InTurn();
  return (context) => {
    const files = made(context);
    turnsOf(files, turns);
    return files;
  };
}

function turnsOf(files: FileBackend, shared?: InTurn): InTurn {
  const turns = changes.get(files) ?? shared ?? new InTurn();
  changes.set(files, turns);
  return turns;
}

const changes = new WeakMap<FileBackend, InTurn>();

function tell(
  { run }: ToolContext,
  type: "deepagent.fs.read" | "deepagent.fs.write",
  data: { path: string; byte_count: number; hash?: string; bytes_before?: number | null },
): void {
  run?.emit(type, { ...data, span_id: run.spanId });
}

/** The path of a folder, with a slash at its end. */
function folderOf(path: string): string {
  const folder = readPath(path);
  return folder === "/" ? folder : `${folder}/`;
}

async function below(files: FileBackend, folder: string): Promise<readonly FileInfo[]> {
  return (await files.list()).filter(({ path }) => path.startsWith(folder));
}

function patternOf<T>(make: () => T): T | null {
  try {
    return make();
  } catch {
    return null;
  }
}

function sizeOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
