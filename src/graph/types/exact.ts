/**
 * What the compiler refuses: updates with unknown keys, unknown targets, two writers of one field.
 *
 * Exactness stands on the return type of each node, so the error is at the key that is wrong. Nothing that mentions `R`
 * may stand in the type of another parameter: it would fix `R` before the functions are read.
 */

import type { Channels, SingleChannel } from "../channels.ts";
import type { Command, END, Send, START } from "../commands.ts";
import type { Graph } from "./graph.ts";
import type { Awaitable, PatchOf, StateOf } from "./node.ts";

/** A type that no value has, whose name the compiler shows. */
export type Message<T extends string> = { readonly [K in T]: never };
/** The update in what a node returns. */
// deno-lint-ignore no-explicit-any
export type UpdateIn<R> = R extends Command<any, infer P> ? P
  // deno-lint-ignore no-explicit-any
  : R extends Send<any> | readonly Send<any>[] ? never
  : R extends object ? R
  : never;
/** The keys of all members of a union. */
export type KeysOf<P> = [P] extends [never] ? never : P extends unknown ? keyof P : never;

/** Keys that are not fields of the state are refused where they are written. */
export type Exact<R, C extends Channels, N extends string> = R extends PromiseLike<infer A>
  ? PromiseLike<Exact<A, C, N>>
  : R extends Command<infer T, infer P> ? Known<T, N> & { readonly update?: NoOthers<P, C> }
  : R extends Send<infer T> | readonly Send<infer T>[] ? Known<T, N>
  : R extends null | undefined | void ? unknown
  : NoOthers<R, C>;

/** Refuses keys that are not fields of the state. */
export type NoOthers<A, C extends Channels> = {
  readonly [K in Exclude<keyof A, keyof C>]?: `"${K & string}" is not a field of the state`;
};

/** Refuses targets that are not nodes. */
export type Known<T, N extends string> = [Exclude<T, N | END>] extends [never] ? unknown
  : Message<`there is no node "${Exclude<T, N | END> & string}"`>;

/** Where an edge may lead. */
export type Target<N extends string> = N | END;

/** The edges of a node: a target, several at once, or a router, which must not have effects. */
export type Edge<C extends Channels, N extends string> =
  | Target<N>
  | readonly Target<N>[]
  | ((
    state: StateOf<C>,
  ) => Awaitable<Target<N> | readonly Target<N>[] | Send<N> | readonly Send<N>[]>);

/** The edges of a graph, by their source. */
export type Edges<C extends Channels, N extends string> =
  & { readonly [K in START]: Edge<C, N> }
  & { readonly [K in N]?: Edge<C, N> };

/** Edges of nodes that there are. */
export type CheckedEdges<E, N extends string> = {
  [K in keyof E]: K extends N | START ? unknown : Message<`there is no node "${K & string}"`>;
};

/** The fields that take one writer a step. */
export type SingleKeys<C extends Channels> = {
  // deno-lint-ignore no-explicit-any
  [K in keyof C]: C[K] extends SingleChannel<any> ? K : never;
}[keyof C];
/** Which of these a node writes. */
export type Writes<R, C extends Channels> = Extract<KeysOf<UpdateIn<Awaited<R>>>, SingleKeys<C>>;
/** Which of these several nodes of one step write. */
export type WrittenTwice<T extends readonly unknown[], Nodes, C extends Channels, Seen = never> =
  T extends readonly [infer H, ...infer Rest] ? H extends keyof Nodes ?
        | (Writes<Nodes[H], C> & Seen)
        | WrittenTwice<Rest, Nodes, C, Seen | Writes<Nodes[H], C>>
    : WrittenTwice<Rest, Nodes, C, Seen>
    : never;
/** Which of these nodes write that one source leads to. */
export type Clash<E, R, C extends Channels> = {
  [K in keyof E]: E[K] extends readonly string[] ? WrittenTwice<E[K], R, C> : never;
}[keyof E];

/** What `graph()` returns if it can be seen that it cannot work. It has no methods. */
export interface Refused<Reason extends string> {
  /** What is wrong. */
  readonly refused: Reason;
}

/** What `graph()` returns. */
export type Built<E, R, C extends Channels> = [Clash<E, R, C>] extends [never]
  ? Graph<StateOf<C>, PatchOf<C>>
  : Refused<
    `nodes of one step all write "${Clash<E, R, C> & string}": give it a reducer, or channel.last()`
  >;
