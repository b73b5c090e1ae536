/** The second half of a dispatch: a protocol is chosen, allowed, built and run. */

import { preview, summarize } from "../core/error_text.ts";
import { randomHex } from "../core/random_hex.ts";
import type { NodeContext } from "../graph/mod.ts";
import type { KnownStage } from "../pipeline/stage.ts";
import { NoMatchingProtocolError, PolicyDeniedError } from "./errors.ts";
import { type GoalFrame, summaryOf } from "./frame.ts";
import { type RouterParts, stageOf } from "./parts.ts";
import { judge } from "./policy.ts";
import type { Protocol } from "./protocol.ts";
import { candidatesOf, pickerPrompt, rankProtocols, select } from "./select.ts";
import {
  callOf,
  isStopped,
  type RouterDecision,
  type RouterNode,
  type RouterState,
} from "./state.ts";
import { say } from "./understand.ts";

/** Chooses the protocol, asks the policy, and builds what runs. */
export function choosing(parts: RouterParts): RouterNode {
  return async (state, ctx) => {
    const frame = state.frame!;
    const { ranked, refused } = rankProtocols(frame, parts.protocols, parts.capabilities);
    const candidates = (chosen: string | null) => candidatesOf(frame, ranked, refused, chosen);
    const { primary_goal, risk } = frame;
    if (ranked.length === 0) {
      const error = new NoMatchingProtocolError(frame, candidates(null));
      say(ctx, "router.protocol.no_match", {
        frame_summary: summaryOf(frame),
        primary_goal,
        risk,
        error: summarize(error),
        candidates: error.candidates,
      });
      if (!state.explains) throw error;
      return { decision: decided({ candidates: error.candidates }) };
    }
    const picks = parts.picker && picking(parts.picker, state.text, ctx);
    const choice = await select({ frame, candidates: ranked }, picks);
    ctx.signal.throwIfAborted();
    const { protocol, method, reason, rationale, fallback_error } = choice;
    const { id: protocol_id, cost, latency } = protocol;
    const decision = decided({
      protocol_id,
      method,
      reason,
      candidates: candidates(protocol_id),
      verdict: judge(parts.policy, frame, protocol),
    });
    say(ctx, "router.protocol.selected", {
      protocol_id,
      cost,
      latency,
      reason,
      candidates: decision.candidates,
      method,
      rationale,
      fallback_error,
      primary_goal,
      is_canonical: protocol.primaryFor.includes(primary_goal),
      risk_max: protocol.riskMax,
      protocol_description: protocol.description,
    });
    const verdict = decision.verdict!;
    say(ctx, "router.policy.verdict", { ...verdict, protocol_id, frame_risk: risk });
    if (state.explains) return { decision };
    if (!verdict.allow) throw new PolicyDeniedError(verdict.reason, verdict);
    compile(parts, protocol, frame, ctx);
    return { decision };
  };
}

const NOTHING: RouterDecision = {
  protocol_id: null,
  method: null,
  reason: null,
  candidates: [],
  verdict: null,
};
const decided = (known: Partial<RouterDecision>): RouterDecision => ({ ...NOTHING, ...known });

/** A picker that fails names nobody. */
function picking(picker: KnownStage, text: string, ctx: NodeContext) {
  return async (input: Parameters<typeof select>[0]): Promise<unknown> => {
    try {
      return await picker.run(picker.kind === "agent" ? pickerPrompt(text, input) : input, ctx);
    } catch (error) {
      if (isStopped(ctx)) throw error;
      return summarize(error);
    }
  };
}

function compile(
  parts: RouterParts,
  protocol: Required<Protocol>,
  frame: GoalFrame,
  ctx: NodeContext,
): void {
  const { id: protocol_id } = protocol;
  let stage: KnownStage;
  try {
    stage = build(parts, protocol, frame);
  } catch (thrown) {
    const { span, signal } = ctx;
    // Nothing was begun that it could end: a place of its own.
    const place = { span_id: randomHex(16), parent_span_id: span?.run.spanId ?? null };
    const error = summarize(thrown);
    if (!signal.aborted) span?.run.emit("router.runnable.failed", { protocol_id, error, ...place });
    throw thrown;
  }
  callOf(ctx).stage = stage;
  say(ctx, "router.runnable.compiled", {
    protocol_id,
    runnable_type: RUNNABLES[stage.kind],
    capability_count: parts.kit(frame).capabilities.length,
  });
}

const RUNNABLES: Readonly<Record<KnownStage["kind"], string>> = {
  agent: "AgentRunnable",
  graph: "GraphRunnable",
  node: "FunctionRunnable",
};

function build(parts: RouterParts, protocol: Required<Protocol>, frame: GoalFrame): KnownStage {
  return stageOf(`protocol "${protocol.id}"`, protocol.build(parts.kit(frame)));
}

/** Runs what was built, once it is approved. */
export function running(parts: RouterParts): RouterNode {
  return async (state, ctx) => {
    await approve(parts, state, ctx);
    const call = callOf(ctx);
    // In another process than the one that waited it is built again.
    const { protocol_id } = state.decision!;
    const protocol = parts.protocols.find(({ id }) => id === protocol_id);
    if (protocol === undefined) throw new Error(`there is no protocol "${protocol_id}" any more`);
    call.stage ??= build(parts, protocol, state.frame!);
    return { output: [await call.stage.run(state.text, ctx) ?? null] };
  };
}

/** @throws {PolicyDeniedError} If an approval is needed, and there is none. */
async function approve(
  { asksApproval, onApproval }: RouterParts,
  { text, frame, decision }: RouterState,
  ctx: NodeContext,
): Promise<void> {
  const { protocol_id, verdict } = decision!;
  if (!verdict!.require_approval) return;
  const isApproved = asksApproval
    ? isApproval(ctx.interrupt(
      {
        question: `Run ${protocol_id}? ${verdict!.reason}.\n${preview(text, 500)}`,
        options: [APPROVE, "reject"],
      },
      { key: "router approval" },
    ))
    // Asked once, also if what runs then asks something itself.
    : await ctx.once(
      "router approval",
      async () => isApproval(await onApproval?.(frame!, verdict!)),
    );
  if (!isApproved) throw new PolicyDeniedError(`Not approved: ${verdict!.reason}`, verdict!);
}

/** Whatever is not clearly an approval is none. */
const isApproval = (answer: unknown) => answer === APPROVE || answer === true;
const APPROVE = "approve";
