/** An agent that is good at one thing, and works for others. */

import type { LanguageModel } from "../agent/model/language_model.ts";
import type { Tool } from "../agent/tools/tool.ts";
import { checkRecord, checkText } from "../core/checks.ts";
import { checkOptions, describe } from "../core/options.ts";
import { readName } from "../core/option_values.ts";
import { ambientRun } from "../core/run/run_context.ts";
import { Member, MEMBER_OPTIONS, type MemberOptions } from "./member.ts";
import { choosePlaybook, type Playbook, playbookPrompt } from "./playbook.ts";
import { checkPlace, type TeamRunOptions } from "./run_options.ts";
import { specialistTool, type TeamToolOptions } from "./specialist_tool.ts";
import { type SpecialistResult, watched, withoutModel } from "./specialist_work.ts";
import { sections } from "./words.ts";

/** Options of {@linkcode specialist}. */
export interface SpecialistOptions extends MemberOptions {
  /** What it is good at, such as `log_analyst`. @default {"specialist"} */
  specialistType?: string;
  /** Ways of working: the one that fits a task best becomes part of the system prompt. @default {[]} */
  playbooks?: readonly Playbook[];
}

/** Options of {@linkcode Specialist.execute}. */
export interface SpecialistRunOptions extends TeamRunOptions {
  /** What it should know beside the task. @default {{}} */
  context?: Readonly<Record<string, unknown>>;
}

/**
 * Makes a specialist.
 *
 * @throws {TypeError} If an option is missing, unknown or of the wrong type.
 * @throws {RangeError} If a number is out of its range.
 *
 * @example
 * ```ts
 * import { specialist } from "@locus/core/team";
 * import { scriptedModel } from "@locus/core/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const logs = specialist({
 *   name: "Logs",
 *   description: "Reads log files.",
 *   model: scriptedModel(["The disk is definitely full."]),
 * });
 * const { output, confidence } = await logs.execute("Why did it stop?");
 * assertEquals([output, confidence], ["The disk is definitely full.", 0.6]);
 * ```
 */
export function specialist(options: SpecialistOptions): Specialist {
  return new Specialist(options);
}

/** Works on tasks; see {@linkcode specialist}. It holds no conversation: tasks know nothing of each other. */
export class Specialist {
  readonly #options: SpecialistOptions;
  readonly #member: Member;
  readonly #playbooks: readonly Playbook[];
  /** What it is good at. */
  readonly specialistType: string;

  /** Made by {@linkcode specialist}. */
  constructor(options: SpecialistOptions) {
    const owner = "specialist()";
    checkOptions(owner, options, [...MEMBER_OPTIONS, "specialistType", "playbooks"]);
    const { specialistType = "specialist", playbooks = [], systemPrompt = "" } = options;
    this.specialistType = readName(owner, "specialistType", specialistType);
    if (!Array.isArray(playbooks)) {
      throw new TypeError(`${owner}: "playbooks" must be an array, got ${describe(playbooks)}`);
    }
    this.#playbooks = playbooks;
    this.#member = new Member(owner, "specialist", options, {
      tools: options.tools ?? [],
      systemPrompt: ({ prompt }) => this.#systemPrompt(systemPrompt, prompt),
    });
    this.#options = { ...options, id: this.id };
  }

  /** Names it in events. */
  get id(): string {
    return this.#member.id;
  }

  /** What it is called. */
  get name(): string {
    return this.#member.name;
  }

  /** What it can do, for those who choose. */
  get description(): string {
    return this.#member.description;
  }

  /** Whether it has a model of its own. */
  get hasModel(): boolean {
    return this.#member.agent !== null;
  }

  /** The playbook for a task; null if none fits. */
  selectPlaybook(task: string): Playbook | null {
    return choosePlaybook(this.#playbooks, task);
  }

  /** The same specialist with another model. */
  withModel(model: LanguageModel): Specialist {
    return new Specialist({ ...this.#options, model });
  }

  /**
   * Works on a task. What goes wrong is in the result: it rejects only with the reason of `signal`.
   *
   * Nobody can be asked from here: a tool that asks a person ends the work with the error `needs_person`. As a tool of an
   * agent, see {@linkcode Specialist.asTool}, it can.
   *
   * @throws {TypeError} If an option is unknown or of the wrong type.
   */
  async execute(task: string, options: SpecialistRunOptions = {}): Promise<SpecialistResult> {
    const owner = "execute()";
    checkText(owner, "task", task);
    checkOptions(owner, options, ["context", "run", "signal"]);
    const { context = {}, run: given, signal } = options;
    checkRecord(owner, "context", context);
    checkPlace(owner, options);
    const outer = given ?? ambientRun();
    const about = sections("Context", context);
    const user = (content: string) => ({ role: "user", content });
    const prompt = about === "" ? task : [user(about), user(task)];
    return this.hasModel
      ? await watched(this, { outer, signal, task }, (run) => {
        return this.#member.ask(prompt, { run, signal });
      })
      : withoutModel(this);
  }

  /**
   * This specialist as a tool of an agent, or of another specialist: it takes a `prompt`.
   *
   * Its questions to a person are asked by the agent that calls it, and go on here when they are answered, also in another
   * process: as with `agent.asTool()`.
   *
   * @throws {TypeError} If an option is unknown or of the wrong type, or it has no model.
   */
  asTool(options: TeamToolOptions = {}): Tool {
    return specialistTool(this, this.#member, options);
  }

  #systemPrompt(instructions: string, task: string): string {
    const playbook = this.selectPlaybook(task);
    return [
      `You are ${this.name}, a specialist${this.description && `: ${this.description}`}`,
      instructions,
      playbook === null ? "" : playbookPrompt(playbook),
    ].filter((part) => part !== "").join("\n\n");
  }
}
