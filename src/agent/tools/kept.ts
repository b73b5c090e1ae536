/** What a tool call has to remember while a person is asked. */

/** A place for it: JSON, which comes back when the tool is called again, also in another process. */
export interface Kept {
  /** Undefined for nothing. */
  value: unknown;
}

/** Where a tool of ours finds its place, in the context of its call. */
export const KEPT: unique symbol = Symbol("kept");

/** Marks a tool that another call's question does not stop: what it has done by then would be lost, and done again. */
export const UNSTOPPED: unique symbol = Symbol("unstopped");

/** Whether another call's question does not stop it. */
export function isUnstopped(tool: object): boolean {
  return UNSTOPPED in tool;
}

/** The place of a call; one that is lost with the call, for whoever calls a tool by hand. */
export function keptOf(context: object): Kept {
  return (context as { readonly [KEPT]?: Kept })[KEPT] ?? { value: undefined };
}
