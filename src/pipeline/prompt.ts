/** What agents are asked that come after something else. */

/** What an agent is asked by default, in each stage but the first. */
export const NEXT_STEP =
  "{previous_output}\n\nContinue with the next step of the task.\n\nTask: {task}";

/** What an agent is asked by default, in each round but the first. */
export const NEXT_ROUND = "{previous_output}\n\nImprove it further.\n\nTask: {task}";

/** Puts the texts in. Other braces stay as they are, also those in the texts. */
export function fill(template: string, previous: unknown, task: unknown): string {
  return template.replaceAll(
    /\{(previous_output|task)\}/g,
    (_, name) => textOf(name === "task" ? task : previous),
  );
}

/** A value as text: JSON of what is none. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value) ?? "";
}

/** How many characters a value has as text. */
export function lengthOf(value: unknown): number {
  let length = 0;
  for (const _ of textOf(value)) length++;
  return length;
}
