/**
 * Checks the properties of one kind of values in a process of its own: a test runner makes a failure of every rejection
 * that nobody handles, and here they are what is compared. Prints what is wrong with each, or null.
 *
 * @module
 */
import process from "node:process";
import { properties } from "./properties.ts";
import type { Kind } from "./values.ts";

const results: Record<string, string | null> = {};
for (const [name, check] of Object.entries(properties[process.argv[2] as Kind])) {
  try {
    await check();
    results[name] = null;
  } catch (error) {
    results[name] = `${error}\n${(error as Error).cause}`;
  }
}
console.log(JSON.stringify(results));
