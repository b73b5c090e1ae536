/** How the updates of a step become the next value of a field. */
export type Merge = "single" | "append" | "messages" | "keys" | "add" | "last" | "reduce";

/** A field of a graph's state: its first value, and how updates are merged into it. */
export interface Channel<Value, Update = Value> {
  /** The value before anything is written. */
  readonly initial: () => Value;
  /** How updates are merged. A `single` field takes one writer a step. */
  readonly merge: Merge;
  /** The next value; without it, the update is. */
  readonly reduce?: (current: Value, update: Update) => Value;
  /** What changes of it are stored as: the items or keys that changed, or the whole value. */
  readonly delta?: "items" | "keys";
}

/** A field that only one node may write in one step. */
export interface SingleChannel<Value> extends Channel<Value> {
  /** One writer a step. */
  readonly merge: "single";
}

/** The fields of a graph's state. */
// deno-lint-ignore no-explicit-any
export type Channels = Readonly<Record<string, Channel<any, any>>>;

/** In an update of a `channel.messages()`: removes all that came before it. */
export const REMOVE_ALL = "__REMOVE_ALL_MESSAGES__";

/** Something with an id, by which it can be replaced. */
export interface Identified {
  /** Without one it is only ever appended. */
  readonly id?: string | null;
}

/** Makes the fields of a graph's state. */
export interface ChannelFactory {
  /** A field without a value at first; one node may write it in a step. */
  <T>(): SingleChannel<T | undefined>;
  /** The same, with a first value. */
  <T>(initial: T): SingleChannel<T>;
  /** A list; an update is an item or a list of them. */
  append<T>(): Channel<readonly T[], T | readonly T[]>;
  /** A list of things with ids: an update whose `id` is there replaces it, others are appended. */
  messages<T extends Identified>(): Channel<
    readonly T[],
    T | typeof REMOVE_ALL | readonly (T | typeof REMOVE_ALL)[]
  >;
  /** Values by key; an update sets the keys that it has, and `null` deletes one. */
  record<T>(): Channel<Readonly<Record<string, T>>, Readonly<Record<string, T | null>>>;
  /** A number, to which updates are added. */
  add(initial?: number): Channel<number>;
  /** A value; of several writers in one step the last one in the step's order wins. */
  last<T>(): Channel<T | undefined>;
  /** The same, with a first value. */
  last<T>(initial: T): Channel<T>;
  /**
   * A reducer of your own. It must not change what it is given.
   *
   * @param options `delta`: `items` if most changes leave the beginning of a list as it is, `keys` if they leave most keys of an
   * object: then only the rest is stored.
   */
  reduce<V, U = V>(
    initial: V,
    reduce: (current: V, update: U) => V,
    options?: { readonly delta?: "items" | "keys" },
  ): Channel<V, U>;
}

const make = <V, U = V>(
  initial: V,
  merge: Merge,
  reduce?: (current: V, update: U) => V,
  delta?: "items" | "keys",
): Channel<V, U> => ({ initial: () => initial, merge, reduce, delta });

/** Makes the fields of a graph's state: {@linkcode ChannelFactory}. */
export const channel: ChannelFactory = Object.assign(
  // One function for both signatures: without an argument the value is undefined.
  (<T>(initial: T) => make(initial, "single")) as ChannelFactory,
  {
    append: <T>() =>
      make<readonly T[], T | readonly T[]>([], "append", (list, update) => list.concat(update)),
    messages: <T extends Identified>() =>
      make<readonly T[], T | typeof REMOVE_ALL | readonly (T | typeof REMOVE_ALL)[]>(
        [],
        "messages",
        mergeMessages,
        "items",
      ),
    record: <T>() =>
      make<Readonly<Record<string, T>>, Readonly<Record<string, T | null>>>(
        {},
        "keys",
        mergeKeys,
        "keys",
      ),
    add: (initial = 0) => make(initial, "add", (sum, update: number) => sum + update),
    last: <T>(initial: T) => make(initial, "last", (_, update: T) => update),
    reduce: <V, U>(
      initial: V,
      reduce: (current: V, update: U) => V,
      { delta }: { readonly delta?: "items" | "keys" } = {},
    ) => make(initial, "reduce", reduce, delta),
  },
);

function mergeMessages<T extends Identified>(
  list: readonly T[],
  update: T | typeof REMOVE_ALL | readonly (T | typeof REMOVE_ALL)[],
): readonly T[] {
  let merged = list.slice();
  for (const item of [update].flat() as (T | typeof REMOVE_ALL)[]) {
    if (typeof item === "string") {
      merged = [];
      continue;
    }
    const at = item.id == null ? -1 : merged.findIndex(({ id }) => id === item.id);
    if (at < 0) merged.push(item);
    else merged[at] = item;
  }
  return merged;
}

function mergeKeys<T>(
  current: Readonly<Record<string, T>>,
  update: Readonly<Record<string, T | null>>,
): Readonly<Record<string, T>> {
  const kept = Object.entries({ ...current, ...update }).filter(([, value]) => value !== null);
  return Object.fromEntries(kept) as Record<string, T>;
}
