/** Ways of working that a specialist chooses from by its task. */

/** One step of a playbook. */
export interface PlaybookStep {
  /** What to do. */
  readonly instruction: string;
  /** The tools that it needs. @default {[]} */
  readonly required_tools?: readonly string[];
  /** What should come of it. */
  readonly expected_output?: string;
  /** What to do if it does not. */
  readonly on_failure?: string;
}

/** A way of working. */
export interface Playbook {
  /** What it is called; its words decide for which tasks it is chosen. */
  readonly name: string;
  /** What it is for, likewise. */
  readonly description: string;
  /** What to do, one after the other. */
  readonly steps: readonly PlaybookStep[];
  /** What has to hold before. @default {[]} */
  readonly preconditions?: readonly string[];
  /** How to tell that it worked. */
  readonly success_criteria?: string;
}

/** The playbook whose name and description share the most words with a task, the first of several; null if none does. */
export function choosePlaybook(playbooks: readonly Playbook[], task: string): Playbook | null {
  let [best, most]: [Playbook | null, number] = [null, 0];
  const asked = wordsOf(task);
  for (const playbook of playbooks) {
    const own = new Set(wordsOf(`${playbook.name} ${playbook.description}`));
    const score = asked.filter((word) => own.has(word)).length;
    if (score > most) [best, most] = [playbook, score];
  }
  return best;
}

/** A playbook as the model reads it. */
export function playbookPrompt(playbook: Playbook): string {
  const { name, description, steps, preconditions = [], success_criteria } = playbook;
  const lines = [`## Playbook: ${name}`, description];
  if (preconditions.length > 0) {
    lines.push("Preconditions:", ...preconditions.map((text) => `- ${text}`));
  }
  lines.push("Steps:");
  for (const [index, step] of steps.entries()) {
    lines.push(`${index + 1}. ${step.instruction}`);
    const tools = step.required_tools ?? [];
    if (tools.length > 0) lines.push(`   Tools: ${tools.join(", ")}`);
    if (step.expected_output !== undefined) lines.push(`   Expected: ${step.expected_output}`);
    if (step.on_failure !== undefined) lines.push(`   On failure: ${step.on_failure}`);
  }
  if (success_criteria !== undefined) lines.push(`Success: ${success_criteria}`);
  return lines.join("\n");
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().split(/\s+/).filter((word) => word !== "");
}
