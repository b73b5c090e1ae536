/** The tool by which an agent gives a task to one of its sub-agents. */

import { Agent } from "../agent/agent.ts";
import type { backgroundTasks } from "./background.ts";
import type { LanguageModel } from "../agent/model/language_model.ts";
import type { AgentOptions } from "../agent/options.ts";
import { InterruptSignal } from "../agent/tools/question.ts";
import { KEPT, type Kept, keptOf, UNSTOPPED } from "../agent/tools/kept.ts";
import type { ToolContext } from "../agent/tools/context.ts";
import { toolsIn } from "../agent/tools/ai_tool.ts";
import type { SubAgentResult } from "../agent/tools/agent_tool.ts";
import { type Tool, tool } from "../agent/tools/tool.ts";
import { checkOptions, describe, isRecord } from "../core/options.ts";
import { preview, summarize } from "../core/error_text.ts";
import { readName } from "../core/option_values.ts";
import { randomHex } from "../core/random_hex.ts";
import type { Run } from "../core/run/run.ts";
import { beginPair, openTold } from "../core/run/told_span.ts";

/** An agent that another one can give tasks to. */
export interface SubagentOptions {
  /** By which it is chosen. */
  name: string;
  /** What it is good at, for the agent that chooses. */
  description: string;
  /** What it is told to do, and how. */
  systemPrompt: string;
  /** What it can call. @default {[]} */
  tools?: AgentOptions["tools"];
  /** Its model. @default {that of the agent} */
  model?: LanguageModel | null;
  /** After so many turns it has to come to an end. @default {10} */
  maxIterations?: number;
}

/**
 * Makes the tool `task`. A sub-agent begins with nothing but its task, and only its answer comes back; its questions are
 * passed on, unless it works in the background.
 *
 * @param start Has it work in the background.
 * @param given Tools that each of them has beside its own, for a call of the tool.
 * @throws {TypeError | RangeError} If there are none, two have one name, or an option is wrong.
 */
export function taskTool(
  model: LanguageModel,
  subagents: readonly SubagentOptions[],
  given: (context: ToolContext) => readonly Tool[],
  { start }: Pick<ReturnType<typeof backgroundTasks>, "start">,
): Tool {
  if (!Array.isArray(subagents) || subagents.length === 0) {
    throw new TypeError(
      `${OWNER}: "subagents" must be an array that is not empty, got ${describe(subagents)}`,
    );
  }
  const all = new Map(subagents.map((options) => [options?.name, options]));
  if (all.size < subagents.length) {
    throw new TypeError(`${OWNER}: "subagents" must have names that differ`);
  }
  // Agents are made for each call; what is wrong with them is said now.
  for (const options of subagents) makeAgent(model, options, []);
  const names = [...all.keys()];
  const made = tool<{ subagent_type: string; description: string; background?: boolean }>({
    name: "task",
    description: [
      "Give a task to a sub-agent, and get its answer. There are:",
      ...subagents.map(({ name, description }) => `- ${name}: ${description}`),
    ].join("\n"),
    parameters: {
      type: "object",
      properties: {
        subagent_type: { type: "string", description: names.join(", ") },
        description: { type: "string", description: "The task, with all that it needs to know." },
        background: {
          type: "boolean",
          description: "Whether you go on meanwhile, and ask for its answer with task_status.",
        },
      },
      required: ["subagent_type", "description"],
    },
    async execute({ subagent_type, description, background = false }, context) {
      const options = all.get(subagent_type);
      if (options === undefined) {
        return `unknown subagent_type '${subagent_type}'; available: ${names.join(", ")}`;
      }
      const agent = makeAgent(model, options, given(context));
      const go = (at: ToolContext) => work(agent, options, description, at);
      return background ? start(context, subagent_type, description, go) : await go(context);
    },
  }) as Tool;
  return Object.freeze({ ...made, [UNSTOPPED]: true });
}

const OWNER = "createDeepAgent()";
const OPTIONS = ["name", "description", "systemPrompt", "tools", "model", "maxIterations"];

function makeAgent(shared: LanguageModel, options: SubagentOptions, given: readonly Tool[]): Agent {
  checkOptions(`${OWNER}: a subagent`, options, OPTIONS);
  const { name, description, systemPrompt, tools = [], model, maxIterations = 10 } = options;
  readName(`${OWNER}: a subagent`, "name", name);
  readName(`${OWNER}: a subagent`, "description", description);
  return new Agent({
    agentId: name,
    model: model ?? shared,
    systemPrompt: readName(`${OWNER}: a subagent`, "systemPrompt", systemPrompt),
    tools: [...toolsIn(OWNER, tools), ...given] as Tool[],
    maxIterations,
  });
}

/** Has a sub-agent work on a task, between the two events of the pair. */
async function work(
  agent: Agent,
  { name, maxIterations = 10 }: SubagentOptions,
  description: string,
  context: ToolContext,
): Promise<unknown> {
  const { run: outer } = context;
  let ended: SubAgentResult | null = null;
  const output = (result: SubAgentResult) => {
    ended = result;
    const { success, error, stop_reason, message } = result;
    return success ? message : `The sub-agent stopped early (${error ?? stop_reason}): ${message}`;
  };
  const call = (at: ToolContext) => agent.asTool({ output }).execute({ prompt: description }, at);
  if (outer === undefined) return await call(context);

  // What it keeps while it waits for a person is kept with the span that waits.
  const kept = keptOf(context);
  const before = readWaiting(kept.value, outer);
  const span_id = before?.span_id ?? randomHex(16);
  const inner: Kept = {
    get value() {
      return before?.inner;
    },
    set value(value) {
      kept.value = value === undefined ? undefined : { span_id, run_id: outer.id, inner: value };
    },
  };
  const start = performance.now();
  const endOf = (error: string | null) => {
    const { message = "", success = false } = ended ?? {};
    return {
      output_length: [...message].length,
      duration_ms: performance.now() - start,
      success: success && message !== "",
      error,
    };
  };
  const { run, end, suspend } = openTold(
    outer,
    beginPair<ReturnType<typeof endOf>>(
      ["deepagent.subagent.spawned", "deepagent.subagent.completed"],
      { subagent_type: name },
      {
        description_preview: preview(description, 200),
        max_iterations: maxIterations,
        ...before?.isSame && { resumed: true },
      },
      span_id,
    ),
    () => endOf("left open"),
  );
  try {
    const answer = await call({ ...context, run, [KEPT]: inner } as ToolContext);
    end(endOf(reasonOf(ended)));
    return answer;
  } catch (error) {
    // It waits for a person: the span stays open.
    if (error instanceof InterruptSignal) suspend();
    else end(endOf(summarize(error)));
    throw error;
  }
}

/** What a call has kept that waits; the span is another one if it goes on in another run. */
function readWaiting(value: unknown, run: Run) {
  if (!isRecord(value) || typeof value["span_id"] !== "string") return null;
  const isSame = value["run_id"] === run.id;
  return { span_id: isSame ? value["span_id"] : randomHex(16), isSame, inner: value["inner"] };
}

function reasonOf(result: SubAgentResult | null): string | null {
  if (result === null || result.success) return null;
  return result.error ?? `stopped: ${result.stop_reason}`;
}
