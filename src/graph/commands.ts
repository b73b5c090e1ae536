/** Where a graph begins: the source of the first edges. */
export const START = "__START__";
/** Where a branch of a graph ends: a target of edges. */
export const END = "__END__";

/** The type of {@linkcode START}. */
export type START = typeof START;
/** The type of {@linkcode END}. */
export type END = typeof END;

/** One more run of a node, with a payload of its own on top of the state. Made by `send()`. */
export class Send<N extends string = string> {
  /** The node. */
  readonly node: N;
  /** Fields that only this run of the node sees, on top of the state. */
  readonly payload: Readonly<Record<string, unknown>>;

  /** Makes it. */
  constructor(node: N, payload: Readonly<Record<string, unknown>>) {
    this.node = node;
    this.payload = payload;
  }
}

/** Where to go from a node instead of along its edges, and an update. Made by `goto()` and `ctx.end()`. */
export class Command<N extends string = string, P = unknown> {
  /** The nodes that run next. */
  readonly goto: readonly N[];
  /** What the node writes. */
  readonly update: P;
  /** Whether the whole graph ends, whatever other branches are about to do. */
  readonly stop: boolean;

  /** Makes it. */
  constructor(goto: readonly N[], update: P, stop = false) {
    this.goto = goto;
    this.update = update;
    this.stop = stop;
  }
}

/** Runs a node once more, with `payload` on top of the state. Return it, or a list of them, from a node or a router. */
export function send<const N extends string>(
  node: N,
  payload: Readonly<Record<string, unknown>> = {},
): Send<N> {
  return new Send(node, payload);
}

/** Goes on at other nodes than the edges say. */
export function goto<const N extends string>(
  to: N | readonly N[],
): Command<N, Record<never, never>>;
/** The same, with an update of the state. */
export function goto<const N extends string, P>(to: N | readonly N[], update: P): Command<N, P>;
export function goto(to: string | readonly string[], update: object = {}): Command {
  return new Command([to].flat(), update);
}
