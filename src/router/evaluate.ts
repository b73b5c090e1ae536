import { checkSignal } from "../core/checks.ts";
import { summarize } from "../core/error_text.ts";
import { checkOptions, describe } from "../core/options.ts";
import type { Router } from "./types.ts";

/** A request, and the protocol that should answer it. */
export interface RouterCase {
  /** The request. */
  readonly text: string;
  /** The id of the protocol; null if none should. */
  readonly protocol_id: string | null;
}

/** What became of a {@linkcode RouterCase}. */
export interface JudgedCase {
  /** The request. */
  readonly text: string;
  /** The protocol that should answer it; null for none. */
  readonly expected: string | null;
  /** The one that would; null for none. */
  readonly protocol_id: string | null;
  /** How sure the extractor is; null if it does not say, or failed. */
  readonly confidence: number | null;
  /** Whether a person would be asked first what is meant. */
  readonly asks: boolean;
  /** Why it was not understood; null if it was. */
  readonly error: string | null;
}

/** How well a router routes. */
export interface RouterEvaluation {
  /** The share of requests with the right protocol, 0 to 1. One that was not understood is wrong. */
  readonly accuracy: number;
  /** How often which protocol was taken for which: the right ones as well. */
  readonly confusion: readonly {
    readonly expected: string | null;
    readonly protocol_id: string | null;
    readonly count: number;
  }[];
  /** Each request, in order. */
  readonly cases: readonly JudgedCase[];
}

/**
 * Measures a router over requests that were judged before: nothing runs. One request after the other, as
 * {@linkcode Router.explain} has it.
 *
 * @throws {TypeError} If there are no cases, or one is wrong.
 *
 * @example
 * ```ts
 * import { evaluateRouter, router } from "@locus/core/router";
 * import { assertEquals } from "@std/assert";
 *
 * const desk = router({
 *   extractor: (text) => ({
 *     primary_goal: text.endsWith("?") ? "answer" : "plan",
 *     domain: "shop",
 *     complexity: "low",
 *     risk: "low",
 *   }),
 * });
 * const { accuracy, confusion } = await evaluateRouter(desk, [
 *   { text: "What does it cost?", protocol_id: "direct_response" },
 *   { text: "Tell me what it costs.", protocol_id: "direct_response" },
 * ]);
 * assertEquals(accuracy, 0.5);
 * assertEquals(confusion[1]?.protocol_id, "plan_execute_validate");
 * ```
 */
export async function evaluateRouter(
  router: Pick<Router, "explain">,
  cases: readonly RouterCase[],
  options: { readonly signal?: AbortSignal } = {},
): Promise<RouterEvaluation> {
  const owner = "evaluateRouter()";
  checkOptions(owner, options, ["signal"]);
  const { signal } = options;
  checkSignal(owner, signal);
  if (!Array.isArray(cases) || cases.length === 0) {
    throw new TypeError(`${owner}: expected cases, got ${describe(cases)}`);
  }
  const judged: JudgedCase[] = [];
  const confusion = new Map<string, { -readonly [K in keyof Confused]: Confused[K] }>();
  for (const { text, protocol_id: expected } of cases as readonly RouterCase[]) {
    signal?.throwIfAborted();
    const row = { text, expected, ...await explained(router, text, signal) };
    judged.push(row);
    const pair = JSON.stringify([expected, row.protocol_id]);
    const { protocol_id } = row;
    const seen = confusion.get(pair) ?? { expected, protocol_id, count: 0 };
    seen.count++;
    confusion.set(pair, seen);
  }
  const right = judged.filter(({ expected, protocol_id, error }) =>
    error === null && protocol_id === expected
  );
  return {
    accuracy: right.length / judged.length,
    confusion: [...confusion.values()],
    cases: judged,
  };
}

type Confused = RouterEvaluation["confusion"][number];

async function explained(router: Pick<Router, "explain">, text: string, signal?: AbortSignal) {
  try {
    const { protocol_id, frame, asks } = await router.explain(text, signal && { signal });
    return { protocol_id, confidence: frame.confidence, asks, error: null };
  } catch (error) {
    signal?.throwIfAborted();
    return { protocol_id: null, confidence: null, asks: false, error: summarize(error) };
  }
}
