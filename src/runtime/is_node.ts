/** Whether this is Node itself, and not a runtime that has its modules too. */
export function isNode(): boolean {
  const { process } = globalThis as { process?: { versions?: { node?: string } } };
  const isOther = "Deno" in globalThis || "Bun" in globalThis;
  return process?.versions?.node !== undefined && !isOther;
}
