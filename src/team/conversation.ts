/** A conversation on its way from agent to agent. */

import type { Message } from "../agent/state/messages.ts";
import { type Prompt, readPrompt } from "../agent/state/read_prompt.ts";
import type { Carry } from "./carry.ts";
import { type HandoffResult, type Handover, handOver, refusedResult } from "./handoff.ts";
import {
  type ChainPlace,
  type Hop,
  METADATA_KEY,
  type NextHop,
  nextHop,
  refusedHop,
} from "./handoff_tool.ts";
import type { HandoffsResult } from "./handoffs_options.ts";
import { type Member, NO_MODEL, type Reply, stopped, type WorkPlace } from "./member.ts";
import type { Once } from "./steps.ts";

/** Who can have a conversation, and what holds for it. */
export interface Desk {
  readonly members: ReadonlyMap<string, Member>;
  /** To whom each of them can hand off. */
  readonly targets: ReadonlyMap<string, readonly string[]>;
  readonly limit: number;
  readonly carry: Carry;
}

/** What a conversation begins with. */
export interface Conversation {
  readonly agent: string;
  readonly prompt: Prompt;
  readonly findings: Readonly<Record<string, unknown>>;
}

/** What an agent came to, as it is kept. */
interface Step {
  readonly agent: string;
  readonly output: string | null;
  readonly error: string | null;
  readonly messages: readonly Message[];
  readonly next: NextHop | null;
}

/** Has an agent answer, and whoever it hands off to. */
export async function converse(
  desk: Desk,
  { agent, prompt, findings: known }: Conversation,
  once: Once,
  place: WorkPlace,
): Promise<Omit<HandoffsResult, "duration_ms">> {
  const { prompt: task } = readPrompt("run()", prompt);
  const made: HandoffResult[] = [];
  const hops: Hop[] = [];
  let findings = known;
  const at = { hops, limit: desk.limit, findings: Object.keys(findings) };
  let step = await once("start", async () => {
    return stepOf(
      desk,
      agent,
      await desk.members.get(agent)!.ask(prompt, place, { [METADATA_KEY]: at }),
    );
  });
  while (step.next !== null) {
    const { target, reason, summary } = step.next;
    const source = step.agent;
    findings = { ...findings, ...step.next.findings };
    const handover = {
      source,
      target: desk.members.get(target)!,
      reason,
      task,
      messages: step.messages,
      carry: desk.carry,
      progress: summary,
      instructions: null,
      findings,
      confidence: made.at(-1)?.final_confidence ?? 0,
      chain: [...hops.map(({ source }) => source), source],
      limit: desk.limit,
    };
    const done = await once(`handoff ${hops.length + 1}`, async () => {
      const { result, reply } = await hand(handover, hops, place);
      return { result, step: stepOf(desk, target, reply) };
    });
    hops.push({ source, target, findings: Object.keys(findings).length });
    made.push(done.result);
    step = done.step;
  }
  const { error, output, messages } = step;
  return {
    success: error === null,
    agent_id: step.agent,
    output: output || null,
    error,
    handoffs: made,
    findings,
    messages,
  };
}

/** Hands over, unless a limit forbids it. */
export async function hand(
  handover: Handover,
  hops: readonly Hop[],
  place: WorkPlace,
): Promise<{ readonly result: HandoffResult; readonly reply: Reply }> {
  const { source, target, findings, limit } = handover;
  const names = Object.keys(findings);
  const refused = refusedHop({ hops, limit }, source, target.id, names.length);
  const error = refused ?? (target.agent === null ? NO_MODEL.error : null);
  if (error !== null) {
    return { result: refusedResult(handover, error), reply: { ...NO_MODEL, error } };
  }
  const next = [...hops, { source, target: target.id, findings: names.length }];
  const at: ChainPlace = { hops: next, limit, findings: names };
  try {
    return await handOver(handover, place, { [METADATA_KEY]: at });
  } catch (thrown) {
    place.signal?.throwIfAborted();
    // A `carry` of the user's, for example.
    const reply = stopped(thrown);
    return { result: refusedResult(handover, reply.error!), reply };
  }
}

/** What is kept of an agent's work. */
function stepOf(desk: Desk, agent: string, { output, error, state }: Reply): Step {
  const next = state === null ? null : nextHop(state, desk.targets.get(agent)!);
  const messages = state?.messages.filter(({ role }) => role !== "system") ?? [];
  return { agent, output, error, messages, next: error === null ? next : null };
}
