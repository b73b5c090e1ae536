/**
 * Counts what code does instead of timing it, so that a test of what something costs says the same on every machine.
 *
 * @module
 */

/**
 * Calls `fn`, which may not be async, and counts its steps: each element that is iterated over, looked at by a method
 * of its array or copied, and each reaction that is hung on a promise. What moves as one block of memory (`splice()`)
 * and a loop that only counts an index up are not seen.
 */
export function countSteps(fn: () => void): number {
  let steps = 0;
  const count = (n: number) => void (steps += n);
  const undo = [
    ...ITERATORS.map((iterator) => replace(iterator, "next", counted(count))),
    ...CALLING.map(([prototype, name]) => replace(prototype, name, countedCalls(count))),
    ...SEARCHING.map((name) => replace(Array.prototype, name, countedSearch(count))),
    ...COPYING.map((name) => replace(Array.prototype, name, countedCopy(count))),
    replace(Promise.prototype, "then", counted(count)),
  ];
  // What it took to get here does not count.
  steps = 0;
  try {
    fn();
    return steps;
  } finally {
    for (let index = 0; index < undo.length; index++) undo[index]!();
  }
}

type Method = (...given: unknown[]) => unknown;
type Count = (steps: number) => void;

/** What `for…of`, spreading and destructuring ask for the next element. */
const ITERATORS: readonly object[] = [[].values(), new Set().values(), new Map().entries()]
  .map((iterator) => Object.getPrototypeOf(iterator));

/** They call a function for each element that they look at. */
const CALLING: readonly (readonly [prototype: object, name: string])[] = [
  ...[
    "every",
    "filter",
    "find",
    "findIndex",
    "findLast",
    "findLastIndex",
    "flatMap",
    "forEach",
    "map",
    "reduce",
    "some",
    "sort",
    "toSorted",
  ].map((name) => [Array.prototype, name] as const),
  [Map.prototype, "forEach"],
  [Set.prototype, "forEach"],
];
const SEARCHING = ["indexOf", "includes"] as const;
const COPYING = ["concat", "join", "slice"] as const;

/** Every call is a step. */
function counted(count: Count) {
  return (method: Method): Method =>
    function (this: unknown, ...given) {
      count(1);
      return Reflect.apply(method, this, given);
    };
}

function countedCalls(count: Count) {
  return (method: Method): Method =>
    function (this: unknown, ...given) {
      if (typeof given[0] === "function") given[0] = counted(count)(given[0] as Method);
      return Reflect.apply(method, this, given);
    };
}

function countedSearch(count: Count) {
  const { indexOf } = Array.prototype;
  return (method: Method): Method =>
    function (this: unknown, ...given) {
      const at = Reflect.apply(indexOf, this, given) as number;
      count(at < 0 ? (this as unknown[]).length : at + 1);
      return Reflect.apply(method, this, given);
    };
}

function countedCopy(count: Count) {
  return (method: Method): Method =>
    function (this: unknown, ...given) {
      const copy = Reflect.apply(method, this, given) as unknown[] | string;
      count(copy.length);
      return copy;
    };
}

/** Puts another method in place of one, until the returned undo. */
function replace(prototype: object, name: string, change: (method: Method) => Method): () => void {
  const property = Object.getOwnPropertyDescriptor(prototype, name)!;
  Object.defineProperty(prototype, name, { ...property, value: change(property.value as Method) });
  return () => void Object.defineProperty(prototype, name, property);
}
