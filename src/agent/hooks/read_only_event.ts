/** The methods of an event. */
type Methods<T> = { [K in keyof T as T[K] extends (...args: never[]) => void ? K : never]: T[K] };

/** What an event says now; only the maker of the event changes it. */
export type Fields<T> = { -readonly [K in Exclude<keyof T, keyof Methods<T>>]: T[K] };

/**
 * A frozen object whose fields are read and whose methods are called. Assigning, adding or deleting a
 * field throws an error that says which method to call instead.
 *
 * A proxy, because the error that engines throw for frozen objects names neither the class nor, on some,
 * the field. Only writing goes through it: reading is as fast as on the object itself.
 *
 * @param fields What its fields are; it shows whatever is changed here.
 * @param instead By field: the method that changes it.
 */
export function readOnlyEvent<T extends object>(
  className: string,
  fields: Fields<T>,
  methods: Methods<T>,
  instead: Readonly<Record<string, string>>,
): T {
  const names = Object.keys(methods);
  const refuse = (_: unknown, field: string | symbol): never => {
    throw new TypeError(`${className}.${String(field)} cannot be assigned: ${advice(field)}`);
  };
  const advice = (field: string | symbol): string => {
    const name = String(field);
    if (names.includes(name)) return `it is a method, call ${name}()`;
    if (Object.hasOwn(instead, name)) return `call ${instead[name]}() instead`;
    return `it is read-only; what can be steered: ${names.map((one) => `${one}()`).join(", ")}`;
  };
  const event = { ...methods };
  for (const name of Object.keys(fields) as (keyof Fields<T>)[]) {
    Object.defineProperty(event, name, { enumerable: true, get: () => fields[name] });
  }
  return new Proxy<T>(Object.freeze(event) as object as T, {
    set: refuse,
    defineProperty: refuse,
    deleteProperty: refuse,
  });
}
