/** Agents that take tasks from one list, and tell each other what they find. */

import type { LanguageModel } from "../agent/model/language_model.ts";
import { readCheckpointer } from "../agent/threads/check_checkpointer.ts";
import { checkText } from "../core/checks.ts";
import { checkOptions, describe } from "../core/options.ts";
import { MAX_TIMER_MS, readFlag, readTexts, readWhole } from "../core/option_values.ts";
import type { Checkpointer } from "../memory/checkpointer.ts";
import { LIMIT_OPTIONS, readLimits, type TeamLimits } from "./limits.ts";
import { Member, MEMBER_OPTIONS, type MemberOptions, type WorkPlace } from "./member.ts";
import { checkThread, type TeamRunOptions, type ThreadRunOptions } from "./run_options.ts";
import { type Job, type SwarmParts, SwarmRun } from "./swarm_run.ts";
import { readTask, type SwarmTask, type SwarmTaskOptions } from "./swarm_task.ts";
import { runTeam, type Team } from "./team_run.ts";

/** An agent of a {@linkcode swarm}. */
export interface SwarmAgentOptions extends MemberOptions {
  /** What it can do, as tasks name it. @default {[]: anything} */
  capabilities?: readonly string[];
}

/** Options of {@linkcode swarm}. */
export interface SwarmOptions extends TeamLimits {
  /** Names it in events. @default {random} */
  id?: string;
  /** What it is called. @default {"Swarm"} */
  name?: string;
  /** Who takes tasks; those without a model get its own. */
  agents: readonly SwarmAgentOptions[];
  /** What takes tasks apart and sums up. @default {none: a task is one, and the results are put together} */
  model?: LanguageModel | null;
  /** How many tasks an agent takes at most. @default {10} */
  maxIterations?: number;
  /** How many work at the same time. @default {5} */
  maxParallelAgents?: number;
  /** After so many milliseconds a task has failed. @default {120000} */
  taskTimeoutMs?: number;
  /** Keeps what has ended, so that another process can go on. @default {null} */
  checkpointer?: Checkpointer | null;
}

/** Options of {@linkcode Swarm.execute}. */
export interface SwarmRunOptions extends ThreadRunOptions {
  /** Whether its model takes the task apart. @default {true} */
  decompose?: boolean;
}

/** What a swarm came to. */
export interface SwarmResult {
  /** Which swarm. */
  readonly swarm_id: string;
  /** Whether no task has failed; tasks that nobody could take do not count. */
  readonly success: boolean;
  /** What was done and found. */
  readonly summary: string;
  /** The tasks, and what became of each. */
  readonly tasks: readonly Readonly<SwarmTask>[];
  /** What agents wrote under `### Findings`, by `task_<id>_findings`. */
  readonly findings: Readonly<Record<string, string>>;
  /** What they wrote under `### Blackboard`, by `agent_<id>_message`. */
  readonly blackboard: Readonly<Record<string, string>>;
  /** How long it took, in milliseconds. */
  readonly duration_ms: number;
  /** What went wrong outside of the tasks; null if nothing did. */
  readonly error: string | null;
}

/**
 * Makes a swarm: agents that take tasks from one list, each what it is capable of and the most important first, and know what
 * the others have found.
 *
 * @throws {TypeError} If an option is missing, unknown or of the wrong type.
 * @throws {RangeError} If a number is out of its range.
 *
 * @example
 * ```ts
 * import { swarm } from "@locus/core/team";
 * import { scriptedModel } from "@locus/core/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const crew = swarm({
 *   agents: [
 *     { id: "sql", name: "SQL", capabilities: ["database"], model: scriptedModel(["No index."]) },
 *     { id: "web", name: "Web", capabilities: ["page"], model: scriptedModel(["It waits."]) },
 *   ],
 * });
 * const { tasks } = await crew.execute([
 *   { description: "Why is the page slow?" },
 *   { description: "Look at the query", requiredTags: ["database"] },
 * ]);
 * assertEquals(tasks.map(({ claimed_by }) => claimed_by), ["web", "sql"]);
 * ```
 */
export function swarm(options: SwarmOptions): Swarm {
  return new Swarm(options);
}

/** Works on lists of tasks; see {@linkcode swarm}. Executions share nothing. */
export class Swarm {
  readonly #parts: SwarmParts;
  readonly #team: Team;

  /** Made by {@linkcode swarm}. */
  constructor(options: SwarmOptions) {
    const owner = "swarm()";
    checkOptions(owner, options, OPTIONS);
    const { id, name = "Swarm", agents, model = null, maxIterations = 10 } = options;
    const { maxParallelAgents = 5, taskTimeoutMs = 120_000 } = options;
    const { maxDepth, maxAgents, tokenBudget } = options;
    readWhole(owner, "taskTimeoutMs", taskTimeoutMs, 1, MAX_TIMER_MS);
    if (!Array.isArray(agents) || agents.length === 0) {
      throw new TypeError(`${owner}: "agents" must be an array of agents, got ${describe(agents)}`);
    }
    const workers = agents.map((agent: SwarmAgentOptions) => {
      checkOptions(`${owner}: an agent`, agent, [...MEMBER_OPTIONS, "capabilities"]);
      const { capabilities = [], ...given } = agent;
      readTexts(owner, "capabilities", capabilities);
      const { systemPrompt, description = "" } = given;
      const made = {
        tools: given.tools ?? [],
        systemPrompt: systemPrompt || `You are ${given.name}. ${description}`.trim(),
      };
      const inherited = { model, timeoutMs: taskTimeoutMs, ...given };
      return { member: new Member(owner, "agent", inherited, made), capabilities };
    });
    if (new Set(workers.map(({ member }) => member.id)).size < workers.length) {
      throw new TypeError(`${owner}: "agents" must have ids that differ`);
    }
    const own = { ...id !== undefined && { id }, name, model, timeoutMs: taskTimeoutMs };
    const lead = new Member(owner, "swarm", own, { systemPrompt: PROMPT }, true);
    this.#team = {
      kind: "swarm",
      lead,
      limits: readLimits(owner, { maxDepth, maxAgents, tokenBudget }),
      checkpointer: readCheckpointer(options.checkpointer ?? null),
    };
    this.#parts = {
      lead,
      workers,
      maxParallel: readWhole(owner, "maxParallelAgents", maxParallelAgents, 1),
      maxTasks: readWhole(owner, "maxIterations", maxIterations, 1),
    };
  }

  /** Names it in events. */
  get id(): string {
    return this.#parts.lead.id;
  }

  /**
   * Works on a task, which its model takes apart, or on a list of tasks. What goes wrong is in the result: it rejects only
   * with the reason of `signal`, or if the thread cannot be kept.
   *
   * @throws {TypeError} If an option is unknown or of the wrong type.
   */
  execute(
    task: string | readonly SwarmTaskOptions[],
    options: SwarmRunOptions = {},
  ): Promise<SwarmResult> {
    const owner = "execute()";
    checkOptions(owner, options, ["decompose", "threadId", "run", "signal"]);
    const { decompose = true } = options;
    readFlag(owner, "decompose", decompose);
    if (Array.isArray(task)) task.forEach((one, i) => readTask(`${owner}: task ${i}`, one, ""));
    else checkText(owner, "task", task);
    return this.#run(owner, { task, decompose }, options);
  }

  /**
   * Goes on with tasks that a crash, an abort or a failure has left in their thread. What had ended is not done again; what was
   * at work begins anew.
   *
   * @throws {GraphError} If there is nothing to go on with.
   */
  recover(options: TeamRunOptions & { threadId: string }): Promise<SwarmResult> {
    checkOptions("recover()", options, ["threadId", "run", "signal"]);
    return this.#run("recover()", null, options);
  }

  async #run(owner: string, input: Job | null, options: ThreadRunOptions): Promise<SwarmResult> {
    checkThread(owner, "swarm()", this.#team.checkpointer, options);
    const begin = (place: WorkPlace) => new SwarmRun(this.#parts, place);
    const outcome = await runTeam(this.#team, input, options, begin);
    const { error, tasks } = outcome;
    const success = error === null && tasks.every(({ status }) => status !== "failed");
    return Object.freeze({ swarm_id: this.id, success, ...outcome });
  }
}

const OPTIONS: readonly string[] = [
  "id",
  "name",
  "agents",
  "model",
  "maxIterations",
  "maxParallelAgents",
  "taskTimeoutMs",
  "checkpointer",
  ...LIMIT_OPTIONS,
];

const PROMPT =
  "You lead a swarm of agents: you take tasks apart, and sum up what was done and found.";
