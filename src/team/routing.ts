/** Who works on a task, in the words of a model. */

import { extractJson } from "../agent/output/extract_json.ts";
import { isRecord } from "../core/options.ts";

/** Whom an orchestrator chose. */
export interface Routing {
  /** Ids, each once; they may name nobody. */
  readonly specialists: readonly string[];
  readonly reasoning: string;
  /** What some of them get in place of the task, by id. */
  readonly subtasks: Readonly<Record<string, string>>;
}

/** Someone to choose. */
export interface Candidate {
  readonly id: string;
  readonly name: string;
  readonly description: string;
}

/** Asks for a choice. */
export function routingPrompt(task: string, candidates: readonly Candidate[]): string {
  const list = candidates.map(({ id, name, description }) => `- ${id}: ${name}. ${description}`);
  return [
    `Choose the specialists that should work on this task:\n${task}`,
    `The specialists, by id:\n${list.join("\n")}`,
    `Answer with JSON only: {"specialists": [ids], "reasoning": "why", "subtasks": {"id": "what this one should do"}}`,
  ].join("\n\n");
}

/** Reads a choice: JSON, or else the ids that the answer mentions, or else everybody. */
export function readRouting(reply: string, candidates: readonly Candidate[]): Routing {
  for (const value of extractJson(reply)) {
    if (!isRecord(value) || !Array.isArray(value.specialists)) continue;
    const { specialists, reasoning, subtasks } = value;
    const given = isRecord(subtasks) ? Object.entries(subtasks) : [];
    const isText = (entry: [string, unknown]): entry is [string, string] =>
      typeof entry[1] === "string";
    return {
      specialists: [...new Set(specialists.map(String))],
      reasoning: typeof reasoning === "string" ? reasoning : "",
      subtasks: Object.fromEntries(given.filter(isText)),
    };
  }
  const ids = candidates.map(({ id }) => id);
  const words = new Set(reply.split(/[^\w-]+/));
  const named = ids.filter((id) => words.has(id) || (!/^[\w-]+$/.test(id) && reply.includes(id)));
  return { specialists: named.length > 0 ? named : ids, reasoning: reply, subtasks: {} };
}
