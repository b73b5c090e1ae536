/** What agents that hand off to each other are made of, are asked, and come to. */

import type { LanguageModel } from "../agent/model/language_model.ts";
import type { Message } from "../agent/state/messages.ts";
import type { Checkpointer } from "../memory/checkpointer.ts";
import type { Carry } from "./carry.ts";
import type { HandoffResult } from "./handoff.ts";
import type { HandoffReason } from "./handoff_tool.ts";
import type { TeamLimits } from "./limits.ts";
import type { MemberOptions } from "./member.ts";
import type { TeamRunOptions, ThreadRunOptions } from "./run_options.ts";

/** An agent of {@linkcode handoffs}. */
export interface HandoffAgentOptions extends MemberOptions {
  /** By which others hand off to it. @default {its name} */
  id?: string;
  /** To whom it can hand off, by id. @default {everybody else} */
  handsOffTo?: readonly string[];
}

/** Options of {@linkcode handoffs}. */
export interface HandoffsOptions extends TeamLimits {
  /** Who they are. */
  agents: readonly HandoffAgentOptions[];
  /** The model of those that have none of their own. @default {null} */
  model?: LanguageModel | null;
  /** How often a conversation may change hands. @default {5} */
  maxHandoffs?: number;
  /** How much of the conversation goes along. @default {"summary"} */
  carry?: Carry;
  /** Keeps what has ended, so that another process can go on. @default {null} */
  checkpointer?: Checkpointer | null;
}

/** Options of {@linkcode Handoffs.run}. */
export interface HandoffsRunOptions extends ThreadRunOptions {
  /** What was found before, by name. @default {{}} */
  findings?: Readonly<Record<string, unknown>>;
}

/** Options of {@linkcode Handoffs.execute}. */
export interface HandoffOptions extends TeamRunOptions {
  /** What is to be done. */
  task: string;
  /** Why it changes hands. @default {"delegation"} */
  reason?: HandoffReason;
  /** The conversation so far: that of a result. @default {[]} */
  messages?: readonly Message[];
  /** What the source says of it. @default {null} */
  progress?: string | null;
  /** What the target should mind. @default {null} */
  instructions?: string | null;
  /** What was found so far, by name. @default {{}} */
  findings?: Readonly<Record<string, unknown>>;
  /** How sure the source is, 0 to 1. @default {0} */
  confidence?: number;
  /** The handoff before, if the source got the task by it: the chain goes on. @default {a chain begins} */
  after?: HandoffResult;
}

/** What a conversation that may have changed hands came to. */
export interface HandoffsResult {
  /** Whether there is an answer. */
  readonly success: boolean;
  /** Who had it last. */
  readonly agent_id: string;
  /** The answer; null if there is none. */
  readonly output: string | null;
  /** Why there is no whole answer; null if there is. */
  readonly error: string | null;
  /** How it changed hands, in order. */
  readonly handoffs: readonly HandoffResult[];
  /** What was found, by name. */
  readonly findings: Readonly<Record<string, unknown>>;
  /** The conversation of who had it last, to go on with: `[...messages, { role: "user", content }]`. */
  readonly messages: readonly Message[];
  /** How long it took, in milliseconds. */
  readonly duration_ms: number;
}
