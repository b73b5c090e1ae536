/** Gives a task to the specialists that it is for, and makes one answer of theirs. */

import type { LanguageModel } from "../agent/model/language_model.ts";
import { readCheckpointer } from "../agent/threads/check_checkpointer.ts";
import { type Tool, tool } from "../agent/tools/tool.ts";
import { checkRecord, checkText } from "../core/checks.ts";
import { checkOptions, describe } from "../core/options.ts";
import { readWhole } from "../core/option_values.ts";
import { topologyAttributes } from "../graph/engine/graph_span.ts";
import type { Checkpointer } from "../memory/checkpointer.ts";
import { drawTeam } from "./drawing.ts";
import { LIMIT_OPTIONS, readLimits, type TeamLimits } from "./limits.ts";
import { Member } from "./member.ts";
import { type Assignment, Orchestration, type OrchestratorDecision } from "./orchestration.ts";
import { checkThread, type TeamRunOptions, type ThreadRunOptions } from "./run_options.ts";
import { Specialist } from "./specialist.ts";
import { readToolOptions, type TeamToolOptions, toldTo } from "./specialist_tool.ts";
import type { SpecialistResult } from "./specialist_work.ts";
import { runTeam, type Team } from "./team_run.ts";

/** Options of {@linkcode orchestrator}. */
export interface OrchestratorOptions extends TeamLimits {
  /** Names it in events. @default {random} */
  id?: string;
  /** What it is called. @default {"Orchestrator"} */
  name?: string;
  /** What it can do. @default {""} */
  description?: string;
  /** Whom it can choose; those without a model get its own. */
  specialists: readonly Specialist[];
  /** How it works. @default {analyse the task, choose, compare, sum up} */
  systemPrompt?: string;
  /** What chooses and sums up. @default {none: everybody works, and their answers are put together} */
  model?: LanguageModel | null;
  /** How many work at the same time. @default {5} */
  maxParallelSpecialists?: number;
  /** After so many milliseconds a question to its own model has failed. @default {null: no limit} */
  timeoutMs?: number | null;
  /** Keeps what has ended, so that another process can go on. @default {null} */
  checkpointer?: Checkpointer | null;
}

/** What an orchestrator came to. */
export interface OrchestratorResult {
  /** Which orchestrator. */
  readonly orchestrator_id: string;
  /** Whether there is an answer; specialists may have failed all the same. */
  readonly success: boolean;
  /** The answer; null if there is none. */
  readonly summary: string | null;
  /** What each specialist came to, by id, in the order of the choice. */
  readonly specialist_results: Readonly<Record<string, SpecialistResult>>;
  /** What was decided, in this order. */
  readonly decisions: readonly OrchestratorDecision[];
  /** How long it took, in milliseconds. */
  readonly duration_ms: number;
  /** What went wrong outside of the specialists; null if nothing did. */
  readonly error: string | null;
}

/** Options of {@linkcode Orchestrator.execute}. */
export interface OrchestratorRunOptions extends ThreadRunOptions {
  /** What the specialists should know beside the task: JSON, if it is kept in a thread. @default {{}} */
  context?: Readonly<Record<string, unknown>>;
}

/**
 * Makes an orchestrator: it chooses specialists for a task, has them work side by side, compares their answers and sums up.
 *
 * @throws {TypeError} If an option is missing, unknown or of the wrong type.
 * @throws {RangeError} If a number is out of its range.
 */
export function orchestrator(options: OrchestratorOptions): Orchestrator {
  return new Orchestrator(options);
}

/** Has specialists work on tasks; see {@linkcode orchestrator}. */
export class Orchestrator {
  readonly #options: OrchestratorOptions;
  readonly #team: Team;
  readonly #specialists = new Map<string, Specialist>();
  readonly #maxParallel: number;

  /** Made by {@linkcode orchestrator}. */
  constructor(options: OrchestratorOptions) {
    const owner = "orchestrator()";
    checkOptions(owner, options, OPTIONS);
    const { name = "Orchestrator", systemPrompt = PROMPT, specialists, model = null } = options;
    const { maxDepth, maxAgents, tokenBudget, maxParallelSpecialists = 5 } = options;
    this.#maxParallel = readWhole(owner, "maxParallelSpecialists", maxParallelSpecialists, 1);
    const { id, description, timeoutMs } = options;
    const own = { ...id !== undefined && { id }, name, description, model, timeoutMs };
    this.#team = {
      kind: "orchestrator",
      lead: new Member(owner, "orchestrator", own, { systemPrompt }, true),
      limits: readLimits(owner, { maxDepth, maxAgents, tokenBudget }),
      checkpointer: readCheckpointer(options.checkpointer ?? null),
      attributes: (outer) => topologyAttributes(outer, drawTeam(this.specialists)),
    };
    if (!Array.isArray(specialists)) {
      throw new TypeError(`${owner}: "specialists" must be an array, got ${describe(specialists)}`);
    }
    this.#options = { ...options, id: this.id };
    for (const specialist of specialists) this.registerSpecialist(specialist);
  }

  /** Names it in events. */
  get id(): string {
    return this.#team.lead.id;
  }

  /** Whom it can choose. */
  get specialists(): readonly Specialist[] {
    return [...this.#specialists.values()];
  }

  /**
   * Adds one more to choose from.
   *
   * @throws {TypeError} If it is not a specialist, or there is one of that id.
   */
  registerSpecialist(specialist: Specialist): void {
    if (!(specialist instanceof Specialist)) {
      throw new TypeError(
        `orchestrator(): "specialists" must hold what specialist() makes, got ${
          describe(specialist)
        }`,
      );
    }
    const { id } = specialist;
    if (this.#specialists.has(id)) {
      throw new TypeError(`orchestrator(): there is already a specialist "${id}"`);
    }
    const { model } = this.#options;
    this.#specialists.set(
      id,
      specialist.hasModel || !model ? specialist : specialist.withModel(model),
    );
  }

  /** The same with another model, for itself and for all of its specialists. */
  withModel(model: LanguageModel): Orchestrator {
    const specialists = this.specialists.map((specialist) => specialist.withModel(model));
    return new Orchestrator({ ...this.#options, specialists, model });
  }

  /**
   * Works on a task. What goes wrong is in the result: it rejects only with the reason of `signal`, or if the thread cannot be
   * kept.
   *
   * @throws {TypeError} If an option is unknown or of the wrong type.
   */
  execute(task: string, options: OrchestratorRunOptions = {}): Promise<OrchestratorResult> {
    const owner = "execute()";
    checkText(owner, "task", task);
    checkOptions(owner, options, ["context", "threadId", "run", "signal"]);
    const { context = {} } = options;
    checkRecord(owner, "context", context);
    return this.#run(owner, { task, context }, options);
  }

  /**
   * Goes on with a task that a crash, an abort or a failure has left in its thread. Specialists that had ended do not work
   * again; one that was at work begins anew, and so do the steps after it.
   *
   * @throws {GraphError} If there is nothing to go on with.
   */
  recover(options: TeamRunOptions & { threadId: string }): Promise<OrchestratorResult> {
    checkOptions("recover()", options, ["threadId", "run", "signal"]);
    return this.#run("recover()", null, options);
  }

  /**
   * This orchestrator as a tool of an agent or a specialist: it takes a `prompt`.
   *
   * @throws {TypeError} If an option is unknown or of the wrong type.
   */
  asTool(options: TeamToolOptions = {}): Tool {
    const { lead } = this.#team;
    return tool<{ prompt: string }>({
      ...readToolOptions(lead, options),
      parameters: {
        type: "object",
        properties: { prompt: { type: "string", description: "The task, with all it needs." } },
        required: ["prompt"],
      },
      execute: async ({ prompt }, { run, signal }) => {
        const { summary, error } = await this.execute(prompt, { signal, ...run && { run } });
        return toldTo(lead.name, { output: summary, error });
      },
    }) as Tool;
  }

  async #run(
    owner: string,
    input: Assignment | null,
    options: ThreadRunOptions,
  ): Promise<OrchestratorResult> {
    const { checkpointer } = this.#team;
    checkThread(owner, "orchestrator()", checkpointer, options);
    const { lead } = this.#team;
    const outcome = await runTeam(
      this.#team,
      input,
      options,
      (place) => new Orchestration(lead, this.#specialists, this.#maxParallel, place),
    );
    return Object.freeze({ orchestrator_id: this.id, success: outcome.error === null, ...outcome });
  }
}

const OPTIONS: readonly string[] = [
  "id",
  "name",
  "description",
  "specialists",
  "systemPrompt",
  "model",
  "maxParallelSpecialists",
  "timeoutMs",
  "checkpointer",
  ...LIMIT_OPTIONS,
];

const PROMPT =
  `You lead a team of specialists. Read the task, choose who should work on it, and compare what they find: where
they agree, where they contradict each other, and what is missing. Then answer the task in your own words, from their
findings alone, and say what remains open.`;
