/**
 * What skills say.
 *
 * @module
 */

import type { InSpan } from "./places.ts";
import type { EventRows } from "./rows.ts";

/** An agent read the instructions of a skill. */
export interface SkillsActivated extends InSpan {
  /** The skill's own name, such as `write-report`. */
  skill_name: string;
  /** Whether files come with the skill. */
  has_resources: boolean;
  /** Length of the instructions, in characters. */
  instructions_length: number;
  /** Tells versions of its instructions apart. */
  hash?: string;
  /** Who wanted it: the model, by a tool call, or the code that runs the agent. */
  source?: "model" | "user";
  /** Whether the model had the same instructions before, and was only reminded of them. */
  already_active?: boolean;
}

/** The payload of every `skills.*` event. */
export type SkillsEvents = {
  "skills.activated": SkillsActivated;
};

/** The documentation of every `skills.*` event. */
export const skillsEvents: EventRows<SkillsEvents> = {
  "skills.activated": {
    summary: "An agent read the instructions of a skill.",
    note: "Each time it does, between the tool's started and completed events.",
  },
};
