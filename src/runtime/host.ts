import { builtinModule } from "./builtin_module.ts";

/** Asks for the addresses of a name, as this runtime's `fetch` would. */
export type HostLookup = (name: string) => Promise<readonly string[]>;

/** This runtime's way to look up a name, or undefined if it has none (browsers, some workers). */
export function hostLookup(): HostLookup | undefined {
  const dns = builtinModule<{
    lookup?(name: string, options: { all: true }): Promise<{ address: string }[]>;
  }>("node:dns/promises");
  const lookup = dns?.lookup;
  if (lookup === undefined) return undefined;
  return async (name) => (await lookup(name, { all: true })).map(({ address }) => address);
}
