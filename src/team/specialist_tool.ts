/** A specialist as a tool: its pair of events is around the agent that is called, also while that waits for a person. */

import type { AgentResult } from "../agent/result.ts";
import type { ToolContext } from "../agent/tools/context.ts";
import { KEPT, type Kept, keptOf, UNSTOPPED } from "../agent/tools/kept.ts";
import { type Tool, tool } from "../agent/tools/tool.ts";
import { checkOptions, isRecord } from "../core/options.ts";
import type { Member } from "./member.ts";
import { type SpecialistResult, watched, type Who } from "./specialist_work.ts";

/** Options of `asTool()`. */
export interface TeamToolOptions {
  /** By which the other agent calls it. @default {its name, as far as tools may be called so} */
  name?: string;
  /** What the other agent is told about it. @default {its description} */
  description?: string;
}

/** Makes the tool. */
export function specialistTool(who: Who, member: Member, options: TeamToolOptions): Tool {
  const { agent } = member;
  if (agent === null) throw new TypeError(`asTool(): "${member.name}" needs a model`);
  const described = readToolOptions(member, options);
  const inner = agent.asTool({ ...described, output: (result) => result });
  const made = tool<{ prompt: string }>({
    ...described,
    parameters: inner.parameters,
    execute: async ({ prompt }, context) => {
      const { run: outer, signal } = context;
      const kept = keptOf(context);
      const before = readWaiting(kept.value);
      kept.value = before?.inner;
      const again = before?.run_id === outer?.id ? before?.span_id : undefined;
      const result = await watched(who, { outer, signal, task: prompt, again }, (run, span_id) => {
        const nested: Kept = {
          get value() {
            return kept.value;
          },
          set value(inner) {
            kept.value = inner === undefined ? undefined : { run_id: run?.id, span_id, inner };
          },
        };
        return member.work({ run, signal }, (signal) => {
          const place: ToolContext = { ...context, run, signal };
          return inner.execute({ prompt }, { ...place, [KEPT]: nested } as ToolContext) as Promise<
            AgentResult
          >;
        });
      });
      return toldTo(member.name, result);
    },
  }) as Tool;
  return Object.freeze({ ...made, [UNSTOPPED]: true });
}

/** What a tool of a team is called, and said to do. */
export function readToolOptions(
  { name, description }: Pick<Member, "name" | "description">,
  options: TeamToolOptions,
): Required<TeamToolOptions> {
  checkOptions("asTool()", options, ["name", "description"]);
  return {
    name: options.name ?? toolNameOf(name),
    description: options.description ?? (description || `Give a task to ${name}`),
  };
}

/** A name, as far as tools may be called so. */
export function toolNameOf(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9_-]+/g, "_").slice(0, 64);
}

/**
 * What the caller's model is told of a result.
 *
 * @throws {Error} If there is no answer at all.
 */
export function toldTo(
  name: string,
  { output, error }: Pick<SpecialistResult, "output" | "error">,
): string {
  if (error === null) return output ?? "";
  if (output) return `${name} stopped early (${error}): ${output}`;
  throw new Error(`${name} has no answer: ${HINTS[error] ?? error}`);
}

const HINTS: Readonly<Record<string, string>> = {
  max_depth: "max_depth: agents may not call each other any deeper; do it yourself",
  max_agents:
    "max_agents: no further agent may be set to work in this run; answer with what is there",
  budget: "budget: the tokens of this team are used up; answer with what is there",
};

/** A call that waits, as it is kept: it comes from a store, where anything may be. */
function readWaiting(
  kept: unknown,
): { readonly run_id: unknown; readonly span_id?: string; readonly inner: unknown } | null {
  if (!isRecord(kept)) return null;
  const { run_id, span_id, inner } = kept;
  return { run_id, ...typeof span_id === "string" && { span_id }, inner };
}
