/** What the nodes of a research say on the bus. */

import { summarize } from "../core/error_text.ts";
import { endOpen, noteOpen } from "../core/run/open_work.ts";
import { randomHex } from "../core/random_hex.ts";
import type { AnyRun } from "../core/run/run.ts";
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
  const outer: AnyRun | undefined = ctx.span?.run;
  if (outer === undefined) return (await fn(undefined))[0];
  const place = { span_id: randomHex(16), parent_span_id: outer.spanId };
  const run = outer.inSpan(place.span_id);
  outer.emit(`${pair}.started` as string, { ...opens, ...place });
  const close = (ended: object, error: string | null = null) => {
    endOpen(run, error !== null);
    if (isOpen()) outer.emit(`${pair}.completed` as string, { ...ended, error, ...place });
  };
  // A node that is stopped ends before what it called.
  const isOpen = noteOpen(outer, () => close(failed, "left open"));
  try {
    const [result, ended] = await fn(run);
    close(ended);
    return result;
  } catch (error) {
    close(failed, summarize(error));
    throw error;
  }
}
