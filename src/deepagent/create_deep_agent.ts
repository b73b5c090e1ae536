import { Agent } from "../agent/agent.ts";
import type { AgentOptions } from "../agent/options.ts";
import type { Hook } from "../agent/hooks/hook.ts";
import { all, any } from "../agent/termination/condition.ts";
import {
  confidenceMet,
  maxIterations,
  tokenLimit,
  toolCalled,
} from "../agent/termination/conditions.ts";
import { toolsIn } from "../agent/tools/ai_tool.ts";
import type { ToolContext } from "../agent/tools/context.ts";
import { isTool, type Tool } from "../agent/tools/tool.ts";
import { checkOptions, describe, isRecord } from "../core/options.ts";
import { readFlag, readNames, readNumber, readWhole } from "../core/option_values.ts";
import { compaction } from "../memory/conversation/compaction.ts";
import { searchTool } from "../rag/prompt/tools.ts";
import type { Retriever } from "../rag/retriever.ts";
import { backgroundTasks } from "./background.ts";
import type { FileBackend } from "./files/backend.ts";
import { memoryFiles } from "./files/memory_files.ts";
import { offloading } from "./files/offload.ts";
import { type FilesOf, fileTools, inTurn } from "./files/tools.ts";
import { type SubagentOptions, taskTool } from "./subagents.ts";
import { todoTools } from "./todos.ts";

/** Knowledge that an agent can search. */
export interface Datastore {
  /** What finds documents: made by `retriever()` of `@locus/core/rag`. */
  readonly retriever: Retriever;
  /** What it is about, for the agent. */
  readonly description?: string;
  /** How many documents. @default {datastoreTopK} */
  readonly top_k?: number;
  /** The least vector score. @default {any} */
  readonly threshold?: number | null;
}

/** Options of {@linkcode createDeepAgent}; what is not named here is an option of the `Agent`. */
export interface DeepAgentOptions<Output = unknown>
  extends Omit<AgentOptions<Output>, "termination" | "systemPrompt" | "maxTokens"> {
  /** What it is told to do, and how. @default {"You are a helpful AI assistant."} */
  systemPrompt?: string;
  /** The tool that ends the run, once it is sure enough: yours, in `tools`. @default {"submit_research"} */
  submitTool?: string;
  /** How sure it must be for that, 0 to 1. @default {0.8} */
  minConfidence?: number;
  /** After so many tokens no further turn begins. @default {80000} */
  maxTokens?: number;
  /** How many tokens one answer may have. @default {not sent} */
  maxOutputTokens?: number | null;
  /** Gives it files: `read_file`, `write_file`, `edit_file`, `ls`, `glob`, `grep`. @default {false} */
  enableFilesystem?: boolean;
  /**
   * Where its files are, or a function that says so for each call: by who the user is, say. Sub-agents have the same files.
   *
   * @default {in the memory of this process, for one run}
   */
  backend?: FileBackend | ((context: ToolContext) => FileBackend);
  /**
   * Results of tools with more characters than this become a file in `/results`, of which it gets the beginning: null for none.
   * Needs `enableFilesystem`.
   *
   * @default {80_000}
   */
  maxResultChars?: number | null;
  /** Gives it a list of things to do: `write_todos`, `read_todos`. @default {false} */
  enableTodos?: boolean;
  /** Texts that it always has in mind, by their names: conventions, what is known of the user. @default {{}} */
  memory?: Readonly<Record<string, string>>;
  /**
   * Whom it can give tasks to: the tool `task`. With `background: true` the agent goes on meanwhile, and has `task_status` and
   * `task_cancel`; such a task is a child run, at most 8 are under way, and the end of the agent's run is theirs.
   *
   * @default {nobody}
   */
  subagents?: readonly SubagentOptions[];
  /** What it can search: a tool `search_<name>` each. @default {{}} */
  datastores?: Readonly<Record<string, Retriever | Datastore>>;
  /** How many documents a search gives. @default {5} */
  datastoreTopK?: number;
  /** Tools that a person is asked about before they are called. @default {[]} */
  interruptOn?: Iterable<string>;
}

/**
 * Makes an agent for work that takes long: it can plan, keep files, search, and give tasks to sub-agents; it reflects, checks its
 * answer against what its tools returned, and its conversation is kept short.
 *
 * @throws {TypeError | RangeError} If an option is missing, unknown, or not what it must be.
 *
 * @example Notes, and a list of things to do
 * ```ts
 * import { createDeepAgent, memoryFiles } from "@locus/core/deepagent";
 * import { scriptedModel } from "@locus/core/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const backend = memoryFiles();
 * const agent = createDeepAgent({
 *   // In place of openai("gpt-5") and the like.
 *   model: scriptedModel([
 *     { toolCalls: [{ toolName: "write_file", input: { path: "/a.md", contents: "Gaps" } }] },
 *     "I have noted it.",
 *   ]),
 *   enableFilesystem: true,
 *   backend,
 *   grounding: false,
 * });
 * await agent.invoke("Note that down.");
 * assertEquals(await backend.read("/a.md"), "Gaps");
 * ```
 */
export function createDeepAgent<Output = unknown>(
  options: DeepAgentOptions<Output>,
): Agent<Output> {
  const {
    submitTool = "submit_research",
    minConfidence = 0.8,
    maxTokens = 80_000,
    maxOutputTokens = null,
    maxIterations: turns = 40,
    enableFilesystem = false,
    backend,
    maxResultChars = 80_000,
    enableTodos = false,
    memory = {},
    subagents,
    datastores = {},
    datastoreTopK = 5,
    interruptOn = [],
    tools = [],
    hooks = [],
    systemPrompt = "You are a helpful AI assistant.",
    ...rest
  } = options;
  readNumber(OWNER, "minConfidence", minConfidence, 0, 1);
  readFlag(OWNER, "enableFilesystem", enableFilesystem);
  readFlag(OWNER, "enableTodos", enableTodos);
  readWhole(OWNER, "datastoreTopK", datastoreTopK, 1);
  if (maxResultChars !== null) readWhole(OWNER, "maxResultChars", maxResultChars, 1);
  if (!enableFilesystem && backend !== undefined) {
    throw new TypeError(`${OWNER}: "backend" needs "enableFilesystem"`);
  }
  const filesOf = readBackend(backend);
  const background = backgroundTasks();
  const searches = Object.entries(datastores).map(([name, store]) =>
    search(name, store, datastoreTopK)
  );
  const kept = (tools: readonly unknown[]) =>
    tools.map((tool) =>
      enableFilesystem && maxResultChars !== null && isTool(tool)
        ? offloading(tool, filesOf, maxResultChars)
        : tool
    );
  const asked = readNames(OWNER, "interruptOn", interruptOn);
  const approval: Hook = {
    name: "interruptOn",
    onBeforeToolCall(event) {
      if (asked.has(event.tool_name)) event.requireApproval(`Call ${event.tool_name}?`);
    },
  };
  return new Agent<Output>({
    reflexion: true,
    grounding: true,
    conversationManager: compaction(),
    ...rest,
    maxIterations: turns,
    maxTokens: maxOutputTokens,
    systemPrompt: promptOf(systemPrompt, memory, Object.keys(datastores)),
    tools: [
      ...kept([...toolsIn(OWNER, tools), ...searches]),
      ...enableFilesystem ? fileTools(filesOf) : [],
      ...enableTodos ? todoTools() : [],
      ...subagents === undefined ? [] : [
        // They have the files of whoever calls them.
        taskTool(
          options.model,
          subagents,
          (context) => enableFilesystem ? fileTools(() => filesOf(context)) : [],
          background,
        ),
        ...background.tools,
      ],
    ] as Tool[],
    hooks: [
      ...hooks,
      ...asked.size === 0 ? [] : [approval],
      ...subagents === undefined ? [] : [background.hook],
    ],
    termination: any(
      all(toolCalled(submitTool), confidenceMet(minConfidence)),
      tokenLimit(maxTokens),
      maxIterations(turns),
    ),
  });
}

const OWNER = "createDeepAgent()";
const MAX_RUNS = 100;

function readBackend(given: DeepAgentOptions["backend"]): FilesOf {
  if (typeof given === "function") return inTurn(given);
  if (given !== undefined) {
    for (const name of ["read", "write", "list"] as const) {
      if (isRecord(given) && typeof given[name] === "function") continue;
      throw new TypeError(`${OWNER}: "backend" must have ${name}(), got ${describe(given)}`);
    }
    return () => given;
  }
  // Files of one run are nobody else's.
  const runs = new Map<string, FileBackend>();
  return ({ runId }) => {
    const files = runs.get(runId) ?? memoryFiles();
    runs.delete(runId);
    runs.set(runId, files);
    if (runs.size > MAX_RUNS) runs.delete(runs.keys().next().value!);
    return files;
  };
}

function search(name: string, given: Retriever | Datastore, topK: number): Tool {
  const store: Datastore = isRecord(given) && "retriever" in given
    ? given as Datastore
    : { retriever: given as Retriever };
  checkOptions(`${OWNER}: datastore "${name}"`, store, DATASTORE);
  const { retriever, description = `Search ${name}.`, top_k = topK, threshold } = store;
  if (typeof retriever?.retrieve !== "function") {
    throw new TypeError(
      `${OWNER}: datastore "${name}" must be a retriever, or have one; got ${describe(retriever)}`,
    );
  }
  return searchTool(retriever, {
    name: `search_${name}`,
    description,
    limit: top_k,
    ...threshold != null && { threshold },
  }) as Tool;
}

const DATASTORE = ["retriever", "description", "top_k", "threshold"];

function promptOf(
  prompt: string,
  memory: Readonly<Record<string, string>>,
  stores: readonly string[],
): string {
  const searched = stores.map((name) => `- search_${name}`);
  return [
    ...searched.length > 0 ? [["You can search:", ...searched].join("\n")] : [],
    ...Object.entries(memory).map(([name, text]) => `# ${name}\n\n${text}`),
    prompt,
  ].join("\n\n---\n\n");
}
