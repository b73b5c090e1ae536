/**
 * A module of Node that this runtime has, or undefined. Not imported: that would end every bundle for a
 * browser, and load it for everybody.
 */
export function builtinModule<T>(id: `${"node" | "bun"}:${string}`): T | undefined {
  const { process } = globalThis as {
    process?: { getBuiltinModule?(id: string): T | undefined };
  };
  return process?.getBuiltinModule?.(id);
}
