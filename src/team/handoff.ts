/** One handoff: what the target is told, its work, and the pair of events around it. */

import type { Message } from "../agent/state/messages.ts";
import { randomHex } from "../core/random_hex.ts";
import { beginPair, openTold } from "../core/run/told_span.ts";
import { type Carry, carryOver } from "./carry.ts";
import type { HandoffReason } from "./handoff_tool.ts";
import { type Member, type Reply, stopped, type WorkPlace } from "./member.ts";
import { lengthOf, sections, shown } from "./words.ts";

/** What a handoff is about. */
export interface Handover {
  readonly source: string;
  readonly target: Member;
  readonly reason: HandoffReason;
  /** What the conversation began with. */
  readonly task: string;
  /** The source's conversation. */
  readonly messages: readonly Message[];
  readonly carry: Carry;
  /** What the source says of it. */
  readonly progress: string | null;
  readonly instructions: string | null;
  readonly findings: Readonly<Record<string, unknown>>;
  readonly confidence: number;
  /** Who had it before, the source last. */
  readonly chain: readonly string[];
  readonly limit: number;
}

/** What a handoff came to. */
export interface HandoffResult {
  /** Names it in events; `""` if it was refused. */
  readonly handoff_id: string;
  /** Whether the target answered. */
  readonly success: boolean;
  /** The agent that gave the task away. */
  readonly source_agent_id: string;
  /** The agent that took it over. */
  readonly target_agent_id: string;
  /** What it answered; null if it did not come to an answer. */
  readonly output: string | null;
  /** The confidence before, and a little more or less by the words of the answer: 0 to 1. */
  readonly final_confidence: number;
  /** How long the target worked, in milliseconds. */
  readonly duration_ms: number;
  /** What went wrong: a sentence, or `max_handoffs`, `handoff_loop` or another limit; null on success. */
  readonly error: string | null;
  /** Who had the task before, in order, the source last. */
  readonly handoff_chain: readonly string[];
  /** What was found on the way, by name. */
  readonly findings: Readonly<Record<string, unknown>>;
}

/** Hands over, and has the target work. Rejects only with the reason of the signal. */
export async function handOver(
  handover: Handover,
  { run: outer, signal }: WorkPlace,
  metadata: Readonly<Record<string, unknown>>,
): Promise<{ readonly result: HandoffResult; readonly reply: Reply }> {
  const { source, target, reason, progress, findings, chain, limit } = handover;
  const { messages, summary, counts } = carryOver(handover.messages, handover.carry);
  const handoff_id = `handoff_${randomHex(8)}`;
  const said = progress ?? summary;
  const startedAt = performance.now();
  const endOf = ({ output, error }: Reply) => ({
    success: error === null,
    output_length: error === null ? lengthOf(output) : 0,
    error,
    duration_ms: performance.now() - startedAt,
  });
  const span = openTold(
    outer,
    beginPair<ReturnType<typeof endOf>>(
      ["multiagent.handoff.initiated", "multiagent.handoff.completed"],
      { source_agent_id: source, target_agent_id: target.id, handoff_id },
      {
        reason,
        context_summary: said === null ? null : shown(said, 240),
        ...counts,
        summary_length: lengthOf(summary),
        findings: Object.keys(findings),
        chain_length: chain.length,
        chain_limit: limit,
      },
    ),
    (isStopped) => isStopped || signal?.aborted ? endOf(stopped(signal?.reason)) : null,
  );
  let reply: Reply;
  try {
    const place = { run: span.run, signal };
    const prompt = handoffPrompt(handover, summary);
    const ask = (last: string) =>
      target.ask([...messages, { role: "user", content: last }], place, metadata);
    reply = await ask(prompt);
    if (reply.output === "") reply = await ask(`${prompt}\n\nYou said nothing. Answer now.`);
    if (reply.output === "") reply = { ...reply, error: "model returned empty content twice" };
  } catch (error) {
    span.end(endOf(stopped(error)));
    throw error;
  }
  const end = endOf(reply);
  span.end(end);
  const { success, error, duration_ms } = end;
  const result = {
    ...refusedResult(handover, ""),
    handoff_id,
    success,
    output: reply.output || null,
    final_confidence: success ? surer(handover.confidence, reply.output ?? "") : 0,
    duration_ms,
    error,
  };
  return { result, reply };
}

/** What a handoff comes to that was never made. */
export function refusedResult(
  { source, target, chain, findings }: Pick<Handover, "source" | "chain" | "findings"> & {
    readonly target: { readonly id: string };
  },
  error: string,
): HandoffResult {
  return {
    handoff_id: "",
    success: false,
    source_agent_id: source,
    target_agent_id: target.id,
    output: null,
    final_confidence: 0,
    duration_ms: 0,
    error,
    handoff_chain: chain,
    findings,
  };
}

/** What the target reads. */
function handoffPrompt(handover: Handover, summary: string | null): string {
  const { source, target, reason, task, confidence, progress, instructions, chain } = handover;
  return [
    `You take over from ${source}. Reason: ${reason}. Confidence so far: ${confidence.toFixed(2)}.`,
    `## Task\n${task}`,
    progress && `## Progress\n${progress}`,
    sections("Findings", handover.findings),
    summary && `## Conversation\n${summary}`,
    instructions && `## Instructions\n${instructions}`,
    `## Chain\n${[...chain, target.id].join(" -> ")}`,
    "Go on from here.",
  ].filter(Boolean).join("\n\n");
}

function surer(before: number, text: string): number {
  const lower = text.toLowerCase();
  const has = (words: readonly string[]) => words.some((word) => lower.includes(word));
  const more = has(["solved", "resolved", "confirmed"])
    ? 0.2
    : has(["unclear", "uncertain", "need more"])
    ? -0.1
    : 0.1;
  return Math.min(1, Math.max(0, Math.round((before + more) * 100) / 100));
}
