/** What the members of a swarm tell each other: one for each execution. */

import type { SwarmTask } from "./swarm_task.ts";
import { shown } from "./words.ts";

/** What was found and written so far. */
export class SharedContext {
  /** What agents have found, by `task_<id>_findings`. */
  readonly findings: Record<string, string> = {};
  /** What agents have left for the others, by `agent_<id>_message`. */
  readonly blackboard: Record<string, string> = {};
  readonly #done: SwarmTask[] = [];

  /** Takes in what came of a task: its answer, and the sections `### Findings` and `### Blackboard` of it. */
  add(task: SwarmTask): void {
    this.#done.push(task);
    const found = section(task.result ?? "", "Findings");
    const message = section(task.result ?? "", "Blackboard");
    if (found !== "") this.findings[`task_${task.id}_findings`] = found;
    if (message !== "") this.blackboard[`agent_${task.claimed_by}_message`] = message;
  }

  /** All of it, cut to what a prompt can hold: the newest 20 of each. */
  summary(): string {
    const done = this.#done.slice(-MAX_ITEMS).map(({ description, result, error }) =>
      `- ${shown(description, 200)}: ${error ?? shown(result ?? "", 600)}`
    );
    const list = (entries: Readonly<Record<string, string>>) =>
      Object.entries(entries).slice(-MAX_ITEMS).map(([key, text]) =>
        `- ${key}: ${shown(text, 600)}`
      );
    return [
      ["## Done", ...done],
      ["## Findings", ...list(this.findings)],
      ["## Blackboard", ...list(this.blackboard)],
    ].filter(({ length }) => length > 1).map((lines) => lines.join("\n")).join("\n\n");
  }
}

/** What stands under a heading, up to the next one. */
function section(text: string, heading: string): string {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line.trim() === `### ${heading}`);
  if (start < 0) return "";
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => line.startsWith("#"));
  return rest.slice(0, end < 0 ? rest.length : end).join("\n").trim();
}

const MAX_ITEMS = 20;
