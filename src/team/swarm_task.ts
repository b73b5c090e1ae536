/** Tasks of a swarm, and who can take them. */

import { checkText } from "../core/checks.ts";
import { checkOptions } from "../core/options.ts";
import { readNumber, readTexts } from "../core/option_values.ts";

/** A task for a swarm. */
export interface SwarmTaskOptions {
  /** What is to be done. */
  description: string;
  /** The highest goes first. @default {0} */
  priority?: number;
  /** What whoever takes it must be capable of. @default {[]} */
  requiredTags?: readonly string[];
  /** What they better are capable of. @default {[]} */
  preferredTags?: readonly string[];
}

/** A task, and what became of it. */
export interface SwarmTask {
  /** Names it within its swarm. */
  readonly id: string;
  /** What is to be done. */
  readonly description: string;
  /** The highest goes first. */
  readonly priority: number;
  /** What whoever takes it must be capable of. */
  readonly required_tags: readonly string[];
  /** What they better are capable of. */
  readonly preferred_tags: readonly string[];
  /** The task that it is a part of; null if it is whole. */
  readonly parent_task_id: string | null;
  /** `pending` also at the end, if nobody could take it. */
  status: "pending" | "in_progress" | "completed" | "failed";
  /** Who took it, by id. */
  claimed_by: string | null;
  /** What they answered. */
  result: string | null;
  /** Why there is no answer. */
  error: string | null;
}

/** @throws {TypeError} If an option is missing, unknown or of the wrong type. */
export function readTask(
  owner: string,
  options: SwarmTaskOptions,
  id: string,
  parent: string | null = null,
): SwarmTask {
  checkOptions(owner, options, ["description", "priority", "requiredTags", "preferredTags"]);
  const { description, priority = 0, requiredTags = [], preferredTags = [] } = options;
  checkText(owner, "description", description);
  return {
    id,
    description,
    priority: readNumber(owner, "priority", priority, -Infinity),
    required_tags: readTexts(owner, "requiredTags", requiredTags),
    preferred_tags: readTexts(owner, "preferredTags", preferredTags),
    parent_task_id: parent,
    status: "pending",
    claimed_by: null,
    result: null,
    error: null,
  };
}

type Wanted = Pick<SwarmTask, "description" | "required_tags" | "preferred_tags">;

/**
 * Whether somebody can take a task: they have all tags that it requires; if it requires none, one of their capabilities is a
 * part of its description, or they have none and can do anything.
 */
export function canHandle(capabilities: readonly string[], task: Wanted): boolean {
  const able = capabilities.map((text) => text.toLowerCase());
  const { required_tags: required, description } = task;
  if (required.length > 0) return hits(able, required) === required.length;
  const lower = description.toLowerCase();
  return able.length === 0 || able.some((capability) => lower.includes(capability));
}

/** How well somebody suits a task, 0 to 1: a preferred tag counts half. */
export function suitability(capabilities: readonly string[], task: Wanted): number {
  if (capabilities.length === 0) return 0.5;
  const able = capabilities.map((text) => text.toLowerCase());
  const { required_tags: required, preferred_tags: preferred, description } = task;
  const most = required.length + preferred.length / 2;
  if (most > 0) return (hits(able, required) + hits(able, preferred) / 2) / most;
  const lower = description.toLowerCase();
  return able.filter((capability) => lower.includes(capability)).length / able.length;
}

/** Takes the pending task of the highest priority that somebody can do; of several the one that suits them best. */
export function claimTask(
  tasks: readonly SwarmTask[],
  id: string,
  capabilities: readonly string[],
): SwarmTask | null {
  let best: SwarmTask | null = null;
  for (const task of tasks) {
    if (task.status !== "pending" || !canHandle(capabilities, task)) continue;
    const isBetter = best === null || task.priority > best.priority ||
      (task.priority === best.priority &&
        suitability(capabilities, task) > suitability(capabilities, best));
    if (isBetter) best = task;
  }
  if (best !== null) [best.status, best.claimed_by] = ["in_progress", id];
  return best;
}

function hits(able: readonly string[], tags: readonly string[]): number {
  return tags.filter((tag) => able.includes(tag.toLowerCase())).length;
}
