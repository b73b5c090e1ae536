/** What a host's object says that a bridge has wrapped already, in any copy of this package. */
const WRAPPED = Symbol.for("@locus/core/bridges/wrapped");

/** Whether a bridge tells of it already. */
export function isWrapped(object: unknown): boolean {
  return Object(object)[WRAPPED] === true;
}

/** Says so of what a bridge has made itself. */
export function markWrapped<F extends object>(made: F): F {
  return Object.defineProperty(made, WRAPPED, { value: true });
}

/** The same object with other methods. Its own are called on itself, which may have private fields, or be frozen. */
export function withMethods<T extends object>(
  object: T,
  methods: Readonly<Record<PropertyKey, unknown>>,
): T {
  // A proxy of a frozen object could not answer anything else than that object does.
  return new Proxy(Object.create(object) as T, {
    get(_, key) {
      if (key === WRAPPED) return true;
      if (Object.hasOwn(methods, key)) return methods[key];
      const value = Reflect.get(object, key, object);
      return typeof value === "function" ? value.bind(object) : value;
    },
    set: (_, key, value) => Reflect.set(object, key, value, object),
    ownKeys: () => Reflect.ownKeys(object),
    getOwnPropertyDescriptor(_, key) {
      const descriptor = Reflect.getOwnPropertyDescriptor(object, key);
      return descriptor && { ...descriptor, configurable: true };
    },
  });
}
