import process from "node:process";
import { drawFacts, type Fact } from "./facts.ts";
import { capabilitiesOf } from "./terminal.ts";

/** Prints labelled texts on standard output, with an empty line before and after them. */
export function printFacts(facts: readonly Fact[]): void {
  const { live, width } = capabilitiesOf(process.stdout, process.env);
  process.stdout.write(`\n${drawFacts(facts, width, live).join("\n")}\n\n`);
}
