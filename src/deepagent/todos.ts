/** The list of things to do that an agent keeps. */

import { type Tool, tool } from "../agent/tools/tool.ts";
import type { ToolContext } from "../agent/tools/context.ts";
import type { AgentState } from "../agent/state/state.ts";
import { isRecord } from "../core/options.ts";

/** Something to do. */
export interface Todo {
  /** What is to be done. */
  readonly content: string;
  /** The agent's own word: `pending`, `in_progress`, `completed`. */
  readonly status: string;
}

/**
 * `write_todos`, which replaces the list, and `read_todos`. The list is what the run's latest `write_todos` said, so it is kept
 * with the run's tool calls, and nowhere else.
 */
export function todoTools(): Tool[] {
  // Calls of one turn see the same state, so what the others of the turn have written is kept beside it.
  const written = new WeakMap<AgentState, readonly Todo[]>();
  const listOf = ({ state }: ToolContext) => written.get(state) ?? latestIn(state);
  return [
    tool<{ todos_json: unknown }>({
      name: "write_todos",
      description: "Replace your list of things to do.",
      parameters: {
        type: "object",
        properties: {
          todos_json: {
            description:
              'A list, or its JSON: [{"content": "…", "status": "pending"}]; also "in_progress", "completed"',
            anyOf: [{ type: "string" }, { type: "array", items: { type: "object" } }],
          },
        },
        required: ["todos_json"],
      },
      execute({ todos_json }, context) {
        const todos = readTodos(todos_json);
        if (typeof todos === "string") return todos;
        tellChanges(context, listOf(context), todos);
        written.set(context.state, todos);
        return `The list has ${todos.length} entries`;
      },
    }) as Tool,
    tool({
      name: "read_todos",
      description: "Read your list of things to do.",
      execute: (_, context) => JSON.stringify(listOf(context)),
    }) as Tool,
  ];
}

/** The list that a run has now. */
export function latestIn({ tool_executions }: AgentState): readonly Todo[] {
  for (const { tool_name, error, arguments: args } of [...tool_executions].reverse()) {
    if (tool_name !== "write_todos" || error !== null) continue;
    const todos = readTodos(args["todos_json"]);
    if (typeof todos !== "string") return todos;
  }
  return [];
}

/** The list that a model wrote, or what is wrong with it. */
function readTodos(given: unknown): readonly Todo[] | string {
  let list = given;
  try {
    if (typeof given === "string") list = JSON.parse(given);
  } catch {
    return "todos_json is not JSON; nothing was stored";
  }
  if (!Array.isArray(list)) return "todos_json must be a list; nothing was stored";
  if (list.length > MAX_TODOS) return `The list may have ${MAX_TODOS} entries; nothing was stored`;
  const isTodo = (entry: unknown) => isRecord(entry) && typeof entry["content"] === "string";
  if (!list.every(isTodo)) return 'Each entry must be {"content": "…"}; nothing was stored';
  return list.map(({ content, status = "pending" }) => ({ content, status: String(status) }));
}

function tellChanges({ run }: ToolContext, before: readonly Todo[], now: readonly Todo[]): void {
  const known = new Set(before.map(({ content, status }) => JSON.stringify([content, status])));
  for (const [position, { content, status }] of now.entries()) {
    if (known.has(JSON.stringify([content, status]))) continue;
    const type = status === "completed" ? "deepagent.todo.completed" : "deepagent.todo.added";
    const data = { content, status, position, list_length: now.length };
    run?.emit(type as string, { ...data, span_id: run.spanId });
  }
}

const MAX_TODOS = 200;
