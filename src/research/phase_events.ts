/** What the nodes of a research say on the bus. */

import type { AnyRun } from "../core/run/run.ts";
import { beginPair, inTold, type ToldEnd } from "../core/run/told_span.ts";
import type { ResearchEvents } from "../events/catalogue/research.ts";
import type { NodeContext } from "../graph/types/node.ts";

type Pair = "research.execute" | "research.regenerate";

/** Publishes an event of a node. */
export function tell<T extends keyof ResearchEvents>(
  ctx: NodeContext,
  type: T,
  data: Omit<ResearchEvents[T], "span_id">,
): void {
  const run: AnyRun | undefined = ctx.span?.run;
  run?.emit(type as string, { ...data, span_id: run.spanId });
}

/**
 * Does something between the two events of a pair.
 *
 * @param fn What it came to, with what its end says of it.
 * @param failed What the end says if it throws.
 */
export async function inPair<P extends Pair, R>(
  ctx: NodeContext,
  pair: P,
  opens: Omit<ResearchEvents[`${P}.started`], "span_id" | "parent_span_id">,
  fn: (run: AnyRun | undefined) => Promise<readonly [R, object]>,
  failed: object,
): Promise<R> {
  const begin = beginPair<ToldEnd>([`${pair}.started`, `${pair}.completed`], {}, opens);
  return await inTold(ctx.span?.run, begin, (error) => ({ ...failed, error }), async ({ run }) => {
    const [result, ended] = await fn(run);
    return [result, { ...ended, error: null }];
  });
}
