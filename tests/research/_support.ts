/** A research over documents, with a model that is scripted by what it is asked to do. */

import { tool } from "../../src/agent/mod.ts";
import { createResearchWorkflow, type ResearchOptions } from "../../src/research/mod.ts";
import { scriptedModel, type Turn } from "../../src/testing/mod.ts";

/** What the model says; the last one of a list counts for all that come. */
export interface Script {
  /** What it searches for in each search. */
  readonly queries?: readonly (readonly string[])[];
  readonly conclusions?: readonly string[];
  readonly summaries?: readonly Turn[];
  readonly rewritten?: readonly string[];
  /** How well each claim is supported, judgement by judgement. */
  readonly scores?: readonly number[];
  readonly causes?: string;
  readonly questions?: string;
}

/** A search that finds a sentence for each query. */
export function documents(
  found: (query: string) => unknown = (query) => `It is known that ${query}.`,
) {
  const asked: string[] = [];
  const search = tool<{ query: string }>({
    name: "search",
    parameters: { type: "object", properties: { query: { type: "string" } } },
    execute: ({ query }) => {
      asked.push(query);
      return found(query);
    },
  });
  return { search, asked };
}

/** A workflow, and what its model was asked: the task, and the text. */
export function scripted(
  script: Script,
  options: Partial<ResearchOptions> = {},
) {
  const prompts: (readonly [task: string, text: string])[] = [];
  const counts: Record<string, number> = {};
  const next = <T>(name: string, list: readonly T[]): T => {
    const nth = counts[name] = (counts[name] ?? 0) + 1;
    return list[Math.min(nth, list.length) - 1]!;
  };
  const { queries = [["rust never sleeps"]], scores = [1] } = script;
  const model = scriptedModel(({ prompt }) => {
    const system = String(prompt[0]!.content);
    const task = TASKS.find(([, words]) => system.includes(words))![0];
    const last = prompt.at(-1)!;
    const isAnswered = last.role === "tool";
    if (!isAnswered) prompts.push([task, JSON.stringify(last.content)]);
    if (task === "search") {
      if (isAnswered) {
        return next("conclusion", script.conclusions ?? ["Rust never sleeps."]);
      }
      const calls = next("queries", queries).map((query) => ({
        toolName: "search",
        input: { query },
      }));
      return calls.length === 0 ? "There is nothing." : { toolCalls: calls };
    }
    if (task === "judge") {
      const score = next("scores", scores);
      const claims = JSON.stringify(last.content).match(/CLAIM \d+/g) ?? [];
      return claims.map((claim) => `${claim}: ${score} - so it is`).join("\n");
    }
    const said: Record<string, () => Turn> = {
      causes: () => script.causes ?? CAUSES,
      scope: () => script.questions ?? "[]",
      summary: () =>
        next(
          "summary",
          script.summaries ?? ["It is known that rust never sleeps."],
        ),
      regenerate: () => next("rewritten", script.rewritten ?? ["Rust never sleeps, they say."]),
    };
    return said[task]!();
  });
  const { search, asked } = documents();
  const workflow = createResearchWorkflow({
    model,
    tools: [search],
    reflexion: false,
    ...options,
  });
  return { workflow, prompts, asked, model };
}

const TASKS = [
  ["search", "Find evidence with your tools"],
  ["judge", "You check claims against evidence"],
  ["causes", "Write the events that it tells of"],
  ["scope", "Somebody asks for research"],
  ["summary", "Answer the question from the numbered evidence"],
  ["regenerate", "Write your summary again"],
] as const;

const CAUSES =
  'Here: [{"label": "Water", "causes": ["Rust"], "confidence": 0.8}, {"label": "Rust"}]';
