/** Agents that hand a conversation from one to another. */

import { type Prompt, readPrompt } from "../agent/state/read_prompt.ts";
import { readCheckpointer } from "../agent/threads/check_checkpointer.ts";
import { toolsIn } from "../agent/tools/ai_tool.ts";
import type { Tool } from "../agent/tools/tool.ts";
import { checkRecord, checkText } from "../core/checks.ts";
import { checkOptions, describe } from "../core/options.ts";
import { readChoice, readNames, readWhole } from "../core/option_values.ts";
import { ambientRun } from "../core/run/run_context.ts";
import type { Checkpointer } from "../memory/checkpointer.ts";
import type { Carry } from "./carry.ts";
import { type Conversation, converse, type Desk, hand } from "./conversation.ts";
import { type HandoffResult, refusedResult } from "./handoff.ts";
import { handoffTool, handoffToolName, REASONS } from "./handoff_tool.ts";
import type {
  HandoffAgentOptions,
  HandoffOptions,
  HandoffsOptions,
  HandoffsResult,
  HandoffsRunOptions,
} from "./handoffs_options.ts";
import { LIMIT_OPTIONS, type Limits, readLimits, withinLimits } from "./limits.ts";
import { Member, MEMBER_OPTIONS } from "./member.ts";
import { checkPlace, checkThread, type TeamRunOptions } from "./run_options.ts";
import { inThread } from "./steps.ts";

/**
 * Makes a group of agents that hand a conversation from one to another: each gets a tool for each other one, which ends its
 * turn.
 *
 * @throws {TypeError} If an option is missing, unknown or of the wrong type.
 * @throws {RangeError} If a number is out of its range.
 *
 * @example
 * ```ts
 * import { handoffs } from "@locus/core/team";
 * import { scriptedModel } from "@locus/core/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const desk = handoffs({
 *   agents: [
 *     { name: "front", model: scriptedModel([{ toolCalls: [{ toolName: "hand_off_to_billing" }] }]) },
 *     { name: "billing", model: scriptedModel(["You paid twice."]) },
 *   ],
 * });
 * const { agent_id, output } = await desk.run("front", "What did I pay?");
 * assertEquals([agent_id, output], ["billing", "You paid twice."]);
 * ```
 */
export function handoffs(options: HandoffsOptions): Handoffs {
  return new Handoffs(options);
}

/** Hands conversations from one agent to another; see {@linkcode handoffs}. It holds none of them. */
export class Handoffs {
  readonly #desk: Desk;
  readonly #limits: Limits;
  readonly #checkpointer: Checkpointer | null;

  /** Made by {@linkcode handoffs}. */
  constructor(options: HandoffsOptions) {
    const owner = "handoffs()";
    checkOptions(owner, options, OPTIONS);
    const { agents, model = null, maxHandoffs = 5, carry = "summary" } = options;
    const { maxDepth, maxAgents, tokenBudget } = options;
    this.#limits = readLimits(owner, { maxDepth, maxAgents, tokenBudget });
    const members = new Map<string, Member>();
    const targets = new Map<string, readonly string[]>();
    this.#desk = {
      members,
      targets,
      limit: readWhole(owner, "maxHandoffs", maxHandoffs, 1),
      carry: typeof carry === "function" ? carry : readChoice(owner, "carry", carry, CARRIES),
    };
    this.#checkpointer = readCheckpointer(options.checkpointer ?? null);
    if (!Array.isArray(agents) || agents.length === 0) {
      throw new TypeError(`${owner}: "agents" must be an array of agents, got ${describe(agents)}`);
    }
    const named = agents.map((agent: HandoffAgentOptions) => {
      checkOptions(`${owner}: an agent`, agent, [...MEMBER_OPTIONS, "handsOffTo"]);
      return { model, description: "", ...agent, id: agent.id ?? agent.name };
    });
    const ids = new Map(named.map((agent) => [agent.id, agent]));
    if (new Set(named.map(({ id }) => handoffToolName(id))).size < named.length) {
      throw new TypeError(`${owner}: "agents" must have ids that differ, as names of tools too`);
    }
    for (const { handsOffTo, ...agent } of named) {
      const { id } = agent;
      const others = [...ids.keys()].filter((other) => other !== id);
      const own = [...readNames(owner, "handsOffTo", handsOffTo ?? others)];
      const unknown = own.find((target) => !others.includes(target));
      if (unknown !== undefined) {
        throw new TypeError(
          `${owner}: "${id}" cannot hand off to "${unknown}": ${others} are there`,
        );
      }
      const tools = own.map((target) => handoffTool(id, ids.get(target)!));
      targets.set(id, own);
      members.set(
        id,
        new Member(owner, "agent", agent, {
          systemPrompt: agent.systemPrompt || `You are ${agent.name}. ${agent.description}`.trim(),
          tools: [...toolsIn(owner, agent.tools ?? []), ...tools] as Tool[],
          terminalTools: tools.map(({ name }) => name),
        }),
      );
    }
  }

  /**
   * Has an agent answer, and whoever it hands off to. What goes wrong is in the result: it rejects only with the reason of
   * `signal`, or if the thread cannot be kept.
   *
   * @param prompt A text, or a conversation that ends with what the user says.
   * @throws {TypeError} If there is no such agent, or an option is unknown or of the wrong type.
   */
  run(agent: string, prompt: Prompt, options: HandoffsRunOptions = {}): Promise<HandoffsResult> {
    const owner = "run()";
    checkOptions(owner, options, ["findings", "threadId", "run", "signal"]);
    const { findings = {} } = options;
    checkRecord(owner, "findings", findings);
    readPrompt(owner, prompt);
    if (!this.#desk.members.has(agent)) {
      throw new TypeError(`${owner}: there is no agent "${agent}"`);
    }
    return this.#start(owner, { agent, prompt, findings }, options);
  }

  /**
   * Goes on with a conversation that a crash, an abort or a failure has left in its thread. Agents that had ended are not asked
   * again; one that was at work begins anew.
   *
   * @throws {GraphError} If there is nothing to go on with.
   */
  recover(options: TeamRunOptions & { threadId: string }): Promise<HandoffsResult> {
    checkOptions("recover()", options, ["threadId", "run", "signal"]);
    return this.#start("recover()", null, options);
  }

  /**
   * Hands a task from one agent to another, whatever the first one wants. A handoff that is refused tells nothing on the bus.
   *
   * @throws {TypeError} If an option is missing, unknown or of the wrong type.
   */
  async execute(source: string, target: string, options: HandoffOptions): Promise<HandoffResult> {
    const owner = "execute()";
    checkOptions(owner, options, HANDOFF_OPTIONS);
    checkPlace(owner, options);
    const { task, reason = "delegation", messages = [], progress = null, after } = options;
    const { instructions = null, findings = {}, confidence = 0, run, signal } = options;
    checkText(owner, "task", task);
    checkRecord(owner, "findings", findings);
    readChoice(owner, "reason", reason, REASONS);
    const before = after?.target_agent_id === source ? after.handoff_chain : [];
    const chain = [...before, source];
    const member = this.#desk.members.get(target);
    if (member === undefined) {
      const unknown = { source, target: { id: target }, chain, findings };
      return refusedResult(unknown, `Target agent not found: ${target}`);
    }
    const handover = { source, target: member, reason, task, messages, carry: this.#desk.carry };
    const more = { progress, instructions, findings, confidence, chain, limit: this.#desk.limit };
    const place = { run: run ?? ambientRun(), signal };
    const hops = chain.slice(1).map((to, i) => ({ source: chain[i]!, target: to, findings: 0 }));
    const made = await withinLimits(
      this.#limits,
      place.run,
      () => hand({ ...handover, ...more }, hops, place),
    );
    return made.result;
  }

  /**
   * Hands a task along these agents: what each one answers is a finding for the next. Stops at the first that fails.
   *
   * @returns A result for each handoff that was tried.
   */
  async chain(
    agents: readonly string[],
    task: string,
    options: Pick<HandoffOptions, "run" | "signal" | "findings"> = {},
  ): Promise<readonly HandoffResult[]> {
    const results: HandoffResult[] = [];
    let findings = options.findings ?? {};
    for (const [index, source] of agents.slice(0, -1).entries()) {
      const after = results.at(-1);
      const more = { ...options, task, findings, ...after && { after } };
      const result = await this.execute(source, agents[index + 1]!, more);
      results.push(result);
      if (!result.success) break;
      findings = { ...findings, [`from_${source}`]: result.output };
    }
    return results;
  }

  async #start(
    owner: string,
    input: Conversation | null,
    options: HandoffsRunOptions,
  ): Promise<HandoffsResult> {
    checkThread(owner, "handoffs()", this.#checkpointer, options);
    const { signal, threadId } = options;
    const run = options.run ?? ambientRun();
    signal?.throwIfAborted();
    const startedAt = performance.now();
    const thread = { run, signal, threadId, checkpointer: this.#checkpointer, kept: [] };
    const result = await withinLimits(
      this.#limits,
      run,
      () =>
        inThread("handoffs", thread, input, (input, once) => {
          return converse(this.#desk, input, once, { run, signal });
        }),
    );
    return { ...result, duration_ms: performance.now() - startedAt };
  }
}

const CARRIES: readonly Carry[] = ["summary", "none", "last", "all"];
const OPTIONS: readonly string[] = [
  "agents",
  "model",
  "maxHandoffs",
  "carry",
  "checkpointer",
  ...LIMIT_OPTIONS,
];
const HANDOFF_OPTIONS: readonly string[] = [
  "task",
  "reason",
  "messages",
  "progress",
  "instructions",
  "findings",
  "confidence",
  "after",
  "run",
  "signal",
];
