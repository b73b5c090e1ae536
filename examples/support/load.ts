/**
 * Imports a package that is only sometimes needed. Its name is a variable, because Deno downloads every
 * package that it can read in an `import()` before the first line runs.
 */
export async function load<Module>(name: string): Promise<Module> {
  return await import(name);
}
