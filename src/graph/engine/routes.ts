import { abortable } from "../../core/waits.ts";
import { isPromiseLike } from "../../runtime/promise_like.ts";
import { END, Send } from "../commands.ts";
import type { Definition, Values } from "../definition.ts";
import type { NextTask, Outcome } from "../records/record.ts";
import { readTargets } from "./outcome.ts";

/** Where a node leads to, and who said so. */
export interface Route {
  readonly tasks: readonly NextTask[];
  /** The targets as they were named, END included. */
  readonly names: readonly string[];
  readonly via: "static" | "conditional" | "command";
  /** What the router or the command said. */
  readonly result: string | readonly string[] | null;
}

/**
 * Where a node leads to: its command or sends, else its edges.
 *
 * @throws What its router throws, or the reason of the signal: nobody waits for a router any longer then.
 */
export async function routeFrom(
  definition: Definition,
  values: Values,
  node: string,
  outcome?: Outcome,
  signal?: AbortSignal,
): Promise<Route> {
  if (outcome?.to !== undefined) {
    const names = outcome.to.length > 0 ? outcome.to.map(({ node }) => node) : [END];
    return { tasks: outcome.to, names, via: "command", result: names };
  }
  const edge = definition.edges.get(node);
  const isConditional = typeof edge === "function";
  const routed = isConditional ? edge(values) : edge;
  const targets = !isPromiseLike(routed)
    ? routed
    : await (signal === undefined ? routed : abortable(routed, signal));
  const tasks = readTargets(definition, node, targets);
  const names = [targets ?? []].flat().map((to) => to instanceof Send ? to.node : String(to));
  if (!isConditional) return { tasks, names, via: "static", result: null };
  const result = Array.isArray(targets) ? names : names[0] ?? null;
  return { tasks, names, via: "conditional", result };
}
