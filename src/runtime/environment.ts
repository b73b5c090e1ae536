/** A variable of the environment; undefined if it is not set, or may not be read. Never throws. */
export function environmentVariable(name: string): string | undefined {
  const { process } = globalThis as {
    process?: { env?: Readonly<Record<string, string | undefined>> };
  };
  try {
    return process?.env?.[name];
  } catch {
    // Deno without the permission.
    return undefined;
  }
}
