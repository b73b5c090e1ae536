/**
 * Payloads: what an agent would publish, and what somebody would who wants to break the bus.
 *
 * @module
 */
import fc from "../../harness/support/property.ts";

type Payload = Record<string, unknown>;

/** An object of plain data that survives JSON as it is. */
export const plain: fc.Arbitrary<Payload> = fc.dictionary(
  fc.string({ maxLength: 6 }).filter((name) => name !== "__proto__" && name !== "toJSON"),
  fc.jsonValue({ depthSize: "small" }),
  { maxKeys: 6, noNullPrototype: true },
);

/**
 * How to make a value: plain data itself, so that a counterexample can be printed. A hostile value may not
 * even be looked at.
 */
export type Recipe =
  | { readonly leaf: keyof typeof leaves }
  | { readonly value: unknown }
  | { readonly list: readonly Recipe[] }
  | { readonly keys: Readonly<Record<string, Recipe>> }
  | { readonly disguise: keyof typeof disguises; readonly of: Recipe };

/** Makes the value that a recipe describes. */
export function make(recipe: Recipe): unknown {
  if ("leaf" in recipe) return leaves[recipe.leaf]();
  if ("value" in recipe) return recipe.value;
  if ("list" in recipe) return recipe.list.map(make);
  if ("disguise" in recipe) return disguises[recipe.disguise](make(recipe.of));
  const made: Payload = {};
  for (const [name, inner] of Object.entries(recipe.keys)) {
    const options = { value: make(inner), enumerable: true, writable: true, configurable: true };
    Object.defineProperty(made, name, options);
  }
  return made;
}

const fail = (what: unknown): never => {
  throw what;
};

const leaves = {
  bigint: () => 2n ** 70n,
  hugeBigint: () => 2n ** 100_000n,
  symbol: () => Symbol("s"),
  wellKnownSymbol: () => Symbol.iterator,
  arrow: () => () => 1,
  class: () => class Secret {},
  nameThrows: () => Object.defineProperty(() => 1, "name", { get: () => fail(new Error("e")) }),
  nameIsNone: () => Object.defineProperty(() => 1, "name", { value: { length: 1 } }),
  revokedFunction: () => {
    const { proxy, revoke } = Proxy.revocable(() => 1, {});
    revoke();
    return proxy;
  },
  invalidDate: () => new Date(NaN),
  date: () => new Date(0),
  regExp: () => /x/g,
  map: () => new Map([[1, 2]]),
  set: () => new Set([1]),
  bytes: () => new Uint8Array(9),
  buffer: () => new ArrayBuffer(9),
  error: () => new Error("e"),
  promise: () => Promise.resolve(1),
  sparse: () => new Array(1_000_000_000),
  manyKeys: () => Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`k${i}`, i])),
  longKey: () => ({ ["k".repeat(3_000)]: 1 }),
  text600: () => "x".repeat(600),
  text50k: () => "y".repeat(50_000),
  text300k: () => "z".repeat(300_000),
  surrogates: () => "\uD800x\uDC00😀",
  lines: () => "a\r\nb\n\0\u2028",
  global: () => globalThis,
} satisfies Record<string, () => unknown>;

const disguises = {
  toJSON: (value: unknown) => ({ toJSON: () => value }),
  toJSONThrows: (value: unknown) => ({ toJSON: () => fail(value) }),
  toJSONForever: (value: unknown) => {
    const next = (): Payload => ({ value, toJSON: next });
    return next();
  },
  getterThrows: (value: unknown) => ({
    get value() {
      return fail(value);
    },
  }),
  changing: (value: unknown) => {
    let reads = 0;
    return {
      get changing() {
        return reads++ % 2 === 0 ? value : "x".repeat(300_000);
      },
    };
  },
  cycle: (value: unknown) => {
    const cycle: Payload = { value };
    cycle.self = { list: [cycle] };
    return cycle;
  },
  deep: (value: unknown) => {
    let deep = value;
    for (let i = 0; i < 100; i++) deep = i % 2 === 0 ? [deep] : { deep };
    return deep;
  },
  shared: (value: unknown) => {
    // Sixteen levels, each twice in the one above: 65,536 paths to one value.
    let shared = value;
    for (let i = 0; i < 16; i++) shared = [shared, shared];
    return shared;
  },
  revoked: (value: unknown) => {
    const { proxy, revoke } = Proxy.revocable({ value }, {});
    revoke();
    return proxy;
  },
  prototypeThrows: (value: unknown) => new Proxy({ value }, { getPrototypeOf: () => fail(value) }),
  keysThrow: (value: unknown) => new Proxy({ value }, { ownKeys: () => fail(value) }),
  getThrows: (value: unknown) => new Proxy({ value }, { get: () => fail(value) }),
  descriptorThrows: (value: unknown) =>
    new Proxy({ value }, { getOwnPropertyDescriptor: () => fail(value) }),
  inherited: (value: unknown) => Object.assign(Object.create({ value }), { own: value }),
  hidden: (value: unknown) => Object.defineProperty({ seen: 1 }, "hidden", { value }),
  arrayWithKeys: (value: unknown) => Object.assign([value], { extra: value }),
  errorWithKeys: (value: unknown) => Object.assign(new Error("e", { cause: value }), { value }),
  messageIs: (value: unknown) => Object.defineProperty(new Error("e"), "message", { value }),
  noPrototype: (value: unknown) => Object.assign(Object.create(null), { value }),
  frozen: (value: unknown) => Object.freeze({ value }),
} satisfies Record<string, (value: unknown) => unknown>;

/** Names that are special to JavaScript or to the bus, among ordinary ones. */
const key: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: fc.string({ maxLength: 6 }) },
  fc.constantFrom("__proto__", "constructor", "toString", "toJSON", "$placeholder", "then"),
);

/** Anything at all. */
export const hostile: fc.Arbitrary<Recipe> = fc.letrec<{ node: Recipe; tree: Recipe }>((tie) => ({
  tree: fc.record({ keys: fc.dictionary(key, tie("node"), { maxKeys: 5 }) }),
  node: fc.oneof(
    { depthSize: "small" },
    fc.record({ leaf: fc.constantFrom(...Object.keys(leaves) as (keyof typeof leaves)[]) }),
    fc.record({ value: fc.anything({ withBigInt: true, withDate: true, maxDepth: 1 }) }),
    tie("tree"),
    fc.record({ list: fc.array(tie("node"), { maxLength: 4 }) }),
    fc.record({
      disguise: fc.constantFrom(...Object.keys(disguises) as (keyof typeof disguises)[]),
      of: tie("node"),
    }),
  ),
})).node;
