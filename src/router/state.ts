/** What a dispatch has come to so far: JSON, so that it can wait in a store. */

import type { RouteCandidate } from "../events/catalogue/places.ts";
import type { NodeContext } from "../graph/mod.ts";
import type { KnownStage } from "../pipeline/stage.ts";
import type { GoalFrame } from "./frame.ts";
import type { PolicyVerdict } from "./policy.ts";
import type { SelectionMethod } from "./select.ts";

/** How a request is answered, and why so. */
export interface RouterDecision {
  /** The protocol; null if none handles the request. */
  readonly protocol_id: string | null;
  /** How it was chosen; null if it was not. */
  readonly method: SelectionMethod | null;
  /** Why this one: the picker's rationale, or the rule's figures. */
  readonly reason: string | null;
  /** All protocols: taken or not, and why. */
  readonly candidates: readonly RouteCandidate[];
  /** What the policy says; null without a protocol. */
  readonly verdict: PolicyVerdict | null;
}

/** The state of the router's graph. */
export interface RouterState {
  /** The request, and what was said when it was not clear. */
  readonly text: string;
  /** Whether nothing is to run. */
  readonly explains: boolean;
  readonly frame: GoalFrame | null;
  /** How often it was asked what is meant. */
  readonly asked: number;
  /** Whether somebody said that the frame is right. */
  readonly isSure: boolean;
  readonly decision: RouterDecision | null;
  /** What the protocol handed on: in a list, as it can be null. */
  readonly output: readonly [unknown] | null;
}

/** What one call keeps beside its state. */
export interface Call {
  /** What a node has thrown. */
  thrown?: { readonly error: unknown };
  /** What was built: its agents hold the runs that wait. */
  stage?: KnownStage;
}

/** What a node does. */
export type RouterNode = (state: RouterState, ctx: NodeContext) => Promise<Partial<RouterState>>;

/** The call that a node belongs to. */
export function callOf(ctx: NodeContext): Call {
  return ctx.store as Call;
}

/** Whether what was thrown only ends the attempt: it asks a person, or is stopped. */
export function isStopped(ctx: NodeContext): boolean {
  return ctx.signal.aborted || "asked" in ctx && ctx.asked !== null;
}

/** A node whose error its caller gets as it was thrown. */
export function noted(work: RouterNode): RouterNode {
  return async (state, ctx) => {
    try {
      return await work(state, ctx);
    } catch (error) {
      if (!isStopped(ctx)) callOf(ctx).thrown = { error };
      throw error;
    }
  };
}
