/**
 * A frozen object whose fields are read and whose methods are called. Assigning, adding or deleting a
 * field throws an error that says which method to call instead.
 *
 * A proxy, because the error that engines throw for frozen objects names neither the class nor, on some,
 * the field. Only writing goes through it: reading is as fast as on the object itself.
 *
 * @param instead By field: the method that changes it.
 */
export function readOnlyEvent<T extends object>(
  className: string,
  fields: T,
  instead: Readonly<Record<string, string>> = {},
): T {
  const refuse = (_: T, field: string | symbol): never => {
    throw new TypeError(`${className}.${String(field)} cannot be assigned: ${advice(field)}`);
  };
  const methods = Object.keys(fields).filter((key) =>
    typeof Reflect.get(fields, key) === "function"
  );
  const list = methods.map((name) => `${name}()`).join(", ");
  const advice = (field: string | symbol): string => {
    const name = String(field);
    if (methods.includes(name)) return `it is a method, call ${name}()`;
    if (Object.hasOwn(instead, name)) return `call ${instead[name]}() instead`;
    return `it is read-only; what can be steered: ${list}`;
  };
  return new Proxy(Object.freeze(fields), {
    set: refuse,
    defineProperty: refuse,
    deleteProperty: refuse,
  });
}
