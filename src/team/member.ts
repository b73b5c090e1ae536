/** One of a team: an agent that is set to work, within limits and a deadline, and always comes to one clear end. */

import { Agent } from "../agent/agent.ts";
import { TERMINAL_TOOLS } from "../agent/config.ts";
import type { LanguageModel } from "../agent/model/language_model.ts";
import type { AgentOptions } from "../agent/options.ts";
import type { AgentResult } from "../agent/result.ts";
import type { Prompt } from "../agent/state/read_prompt.ts";
import type { AgentState } from "../agent/state/state.ts";
import { any } from "../agent/termination/condition.ts";
import { customCondition } from "../agent/termination/conditions.ts";
import { InterruptSignal } from "../agent/tools/question.ts";
import { checkRecord, checkText } from "../core/checks.ts";
import { summarize } from "../core/error_text.ts";
import { MAX_TIMER_MS, readName, readWhole } from "../core/option_values.ts";
import { randomHex } from "../core/random_hex.ts";
import type { AnyRun } from "../core/run/run.ts";
import { asAgent, isSpent, spendTokens } from "./limits.ts";

/** What a member of a team is made of. */
export interface MemberOptions {
  /** Names it in events; unique in its team. @default {random} */
  id?: string;
  /** What it is called. */
  name: string;
  /** What it can do, for those who choose. @default {""} */
  description?: string;
  /** What it is told to do, and how. @default {""} */
  systemPrompt?: string;
  /** What it can call; other members too: `other.asTool()`. @default {[]} */
  tools?: AgentOptions["tools"];
  /** Its model. @default {that of its team} */
  model?: LanguageModel | null;
  /** After so many turns it has to come to an end. @default {10} */
  maxIterations?: number;
  /** After so many milliseconds it has failed; the time that a person takes does not count. @default {null: no limit} */
  timeoutMs?: number | null;
  /** What else the agent is made of: hooks, guardrails, an output schema. */
  agent?: Omit<AgentOptions, "model" | "tools" | "systemPrompt" | "maxIterations" | "agentId">;
}

export const MEMBER_OPTIONS: readonly string[] = [
  "id",
  "name",
  "description",
  "systemPrompt",
  "tools",
  "model",
  "maxIterations",
  "timeoutMs",
  "agent",
];

/** What a member came to. */
export interface Reply {
  /** What it answered; null if it did not come to an answer. */
  readonly output: string | null;
  /** Why there is no whole answer; null if there is. */
  readonly error: string | null;
  /** What its run left; null if it had none. */
  readonly state: AgentState | null;
}

/** Where work belongs, and what ends it. */
export interface WorkPlace {
  readonly run: AnyRun | undefined;
  readonly signal: AbortSignal | undefined;
}

/** One of a team. It holds no conversation: each call has its own. */
export class Member {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly agent: Agent | null;
  readonly #timeoutMs: number | null;
  readonly #isOwn: boolean;

  /** @param made What its kind adds: the system prompt, and tools. @param isOwn Whether it is a team's own voice. */
  constructor(
    owner: string,
    kind: string,
    options: MemberOptions,
    made: Pick<AgentOptions, "systemPrompt" | "tools" | "terminalTools">,
    isOwn = false,
  ) {
    const { id = `${kind}_${randomHex(8)}`, description = "", model = null } = options;
    const { maxIterations = 10, timeoutMs = null, systemPrompt = "", agent = {} } = options;
    this.id = readName(owner, "id", id);
    this.name = readName(owner, "name", options.name);
    checkText(owner, "description", description);
    checkText(owner, "systemPrompt", systemPrompt);
    checkRecord(owner, "agent", agent);
    this.description = description;
    if (timeoutMs !== null) readWhole(owner, "timeoutMs", timeoutMs, 1, MAX_TIMER_MS);
    this.#timeoutMs = timeoutMs;
    this.#isOwn = isOwn;
    const ends = [...agent.terminalTools ?? TERMINAL_TOOLS, ...made.terminalTools ?? []];
    const terminal = made.terminalTools && { terminalTools: ends };
    this.agent = model === null
      ? null
      : teamAgent({ maxIterations, ...agent, ...made, ...terminal, model, agentId: this.name });
  }

  /** Sets it to work on a prompt of its own; it needs a model. Rejects only with the reason of `signal`. */
  async ask(
    prompt: Prompt,
    { run, signal }: WorkPlace,
    metadata: Readonly<Record<string, unknown>> = {},
  ): Promise<Reply> {
    const { agent } = this;
    if (agent === null) return NO_MODEL;
    return await this.work({ run, signal }, async (signal) => {
      const at = { run: run ?? null, signal };
      const result = await agent.invoke(prompt, { ...at, metadata, throwOnError: false });
      const asked = result.state.pending_interrupt;
      if (asked === null) return result;
      // Nobody can be asked in this place: it ends here, and does not wait for good.
      const why = new DOMException("Nobody can be asked", "AbortError");
      const left = agent.resume(null, {
        run: run ?? null,
        signal: AbortSignal.abort(why),
        interruptId: asked.interrupt_id,
      });
      while (!(await left.next()).done);
      throw new NeedsPerson(asked.question);
    });
  }

  /** The same for a whole answer. @throws {Error} By that name, if there is none. */
  async answer(prompt: string, place: WorkPlace, name: string): Promise<string> {
    const { output, error } = await this.ask(prompt, place);
    if (error !== null) throw Object.assign(new Error(error), { name });
    return output ?? "";
  }

  /**
   * The same for a run that `begin` makes.
   *
   * @throws {InterruptSignal} If that asks a person.
   */
  work(
    { run, signal }: WorkPlace,
    begin: (signal: AbortSignal) => PromiseLike<AgentResult>,
  ): Promise<Reply> {
    return asAgent(run, this.#isOwn, async (refused) => {
      if (refused !== null) return failed(refused);
      const stop = new AbortController();
      const abort = () => stop.abort(signal?.reason);
      signal?.addEventListener("abort", abort, { once: true });
      if (signal?.aborted) abort();
      const ms = this.#timeoutMs;
      const late = ms === null ? undefined : setTimeout(() => {
        stop.abort(new DOMException(`Task timed out after ${ms}ms`, "TimeoutError"));
      }, ms);
      try {
        return toReply(await begin(stop.signal), stop.signal);
      } catch (error) {
        if (error instanceof InterruptSignal) throw error;
        return failed(summarize(error));
      } finally {
        clearTimeout(late);
        signal?.removeEventListener("abort", abort);
        signal?.throwIfAborted();
      }
    });
  }
}

/** Makes an agent that streams where it can be watched, and counts for the limits of its team. */
export function teamAgent(options: AgentOptions): Agent {
  const { model, termination = null, callbackHandler } = options;
  const budget = customCondition(() => [isSpent(), "token_budget"]);
  return new Agent({
    streaming: typeof model?.doStream === "function" ? true : "auto",
    ...options,
    termination: termination === null ? budget : any(termination, budget),
    callbackHandler: (event) => {
      if (event.event_type === "model_complete") spendTokens(event.usage.total_tokens ?? 0);
      callbackHandler?.(event);
    },
  });
}

/** Ends the work of a member that asks, where nobody can be asked. */
class NeedsPerson extends Error {
  override readonly name = "needs_person";
}

function toReply(result: AgentResult, signal: AbortSignal): Reply {
  const { message, success, stop_reason, error, state } = result;
  // What a stopped agent says last is not its answer.
  if (signal.aborted) return { ...failed(summarize(signal.reason)), state };
  if (success) return { output: message, error: null, state };
  const why = stop_reason === "token_budget" && isSpent()
    ? "budget"
    : error ?? `stopped: ${stop_reason}`;
  return { output: stop_reason === "error" ? null : message, error: why, state };
}

function failed(error: string): Reply {
  return { output: null, error, state: null };
}

/** What work comes to that is stopped, or throws. */
export function stopped(reason: unknown): Reply {
  return failed(reason === undefined ? "stopped" : summarize(reason));
}

export const NO_MODEL: Reply = {
  output: null,
  error: "No model configured for agent",
  state: null,
};
