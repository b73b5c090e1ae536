import type { Agent } from "../agent/agent.ts";
import type { AgentResult } from "../agent/result.ts";
import { holdQuestions, type TellQuestion } from "../core/run/questions.ts";
import type { AnyRun } from "../core/run/run.ts";
import { plainCopy } from "../core/json.ts";
import { randomHex } from "../core/random_hex.ts";
import { ASKED_BY } from "./engine/node_context.ts";
import type { NodeContext } from "./types/node.ts";

/** What an agent in a graph came to. */
export interface AgentNodeResult {
  /** The answer. */
  readonly message: string;
  /** The answer as the agent's `outputSchema` returned it, if that is JSON; null without a schema. */
  readonly parsed: unknown;
  /** Why the answer did not pass the agent's `outputSchema`; null if it did, or there is none. */
  readonly parse_error: string | null;
}

/** Options of {@linkcode agentNode}. */
export interface AgentNodeOptions<S, R> {
  /** What the agent is asked. */
  readonly input: (state: S) => string;
  /** The update that its answer makes. */
  readonly output: (result: AgentNodeResult, state: S) => R;
}

/** A stretch of an agent's run, as it is kept in the graph's thread. */
interface Stretch extends AgentNodeResult {
  readonly thread: string | null;
  readonly asks: {
    readonly id: string;
    readonly question: string;
    readonly options: readonly string[] | null;
  } | null;
  readonly error: string | null;
}

/**
 * Makes a node of an agent. Its questions are the graph's; when one is answered, the agent goes on where it asked, and
 * nothing that it did before is done again.
 *
 * To go on in another process the agent needs a `checkpointer` of its own. Each task has a conversation of its own.
 *
 * @example
 * ```ts
 * import { Agent } from "@locus/core/agent";
 * import { agentNode, channel, END, graph, START } from "@locus/core/graph";
 * import { scriptedModel } from "@locus/core/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const writer = new Agent({ model: scriptedModel(["A text about gaps."]) });
 * const made = graph({
 *   state: { topic: channel(""), text: channel("") },
 *   nodes: {
 *     write: agentNode(writer, {
 *       input: (s: { topic: string }) => `Write about ${s.topic}.`,
 *       output: ({ message }) => ({ text: message }),
 *     }),
 *   },
 *   edges: { [START]: "write", write: END },
 * });
 * assertEquals((await made.invoke({ topic: "gaps" })).text, "A text about gaps.");
 * ```
 */
export function agentNode<S, R>(
  agent: Agent,
  { input, output }: AgentNodeOptions<S, R>,
): { readonly run: (state: S, ctx: NodeContext) => Promise<R>; readonly kind: "agent" } {
  const run = async (state: S, ctx: NodeContext): Promise<R> => {
    const { signal } = ctx;
    const place: { signal: AbortSignal; run?: AnyRun } = { signal };
    let tell: TellQuestion | undefined;
    if (ctx.span !== undefined) {
      place.run = ctx.span.run;
      // Until the graph has stored the question, no answer would reach it.
      holdQuestions(ctx.span.run, (given) => void (tell = given));
    }
    let stretch = await ctx.once("agent", async () => {
      const thread = agent.checkpointer === null ? null : randomHex(16);
      const options = { ...place, ...thread !== null && { threadId: thread } };
      return toStretch(thread, await agent.invoke(input(state), options));
    });
    for (let nth = 1; stretch.asks !== null; nth++) {
      const { thread, asks: { id, question, options } } = stretch;
      const asked = { key: id, [ASKED_BY]: { id, tell } };
      const answer = ctx.interrupt({ question, options }, asked);
      stretch = await ctx.once(`agent answer ${nth}`, async () => {
        const at = { ...place, interruptId: id, ...thread !== null && { threadId: thread } };
        const resumed = agent.resume(answer, at);
        while (!(await resumed.next()).done);
        return toStretch(thread, resumed.result!);
      });
    }
    if (stretch.error !== null) throw new Error(stretch.error);
    const { message, parsed, parse_error } = stretch;
    return output({ message, parsed, parse_error }, state);
  };
  return { run, kind: "agent" };
}

function toStretch(thread: string | null, result: AgentResult): Stretch {
  const { pending_interrupt: asks } = result.state;
  return {
    thread,
    message: result.message,
    parsed: plainCopy(result.parsed ?? null),
    parse_error: result.parse_error,
    asks: asks && {
      id: asks.interrupt_id,
      question: asks.question,
      options: asks.options && [...asks.options],
    },
    error: asks !== null || result.success
      ? null
      : result.error ?? `stopped: ${result.stop_reason}`,
  };
}
