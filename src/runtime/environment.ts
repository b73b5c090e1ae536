/** A variable of the environment; undefined if it is not set, or may not be read. Never throws, and never asks. */
export function environmentVariable(name: string): string | undefined {
  const { process, Deno } = globalThis as {
    process?: { env?: Readonly<Record<string, string | undefined>> };
    Deno?: { permissions?: { querySync?(what: object): { state: string } } };
  };
  try {
    // Otherwise Deno stops at a terminal, and asks the user.
    const may = Deno?.permissions?.querySync?.({ name: "env", variable: name }).state ?? "granted";
    return may === "granted" ? process?.env?.[name] : undefined;
  } catch {
    // Deno without the permission.
    return undefined;
  }
}
