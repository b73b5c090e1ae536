import { test } from "node:test";
import { assert, assertEquals, assertFalse } from "@std/assert";
import { isAboutDependency, problemsIn } from "./doc_lint.ts";

const output = `error[private-type-ref]: public type 'schema' references private type 'ZodType'
  --> src/events/schemas.ts:33:14

error[missing-jsdoc]: exported symbol is missing JSDoc documentation
  --> src/core/bus/bus.ts:28:12

error: Found 2 documentation lint errors.`;

test("problemsIn() reads each problem once, and the closing line not at all", () => {
  assertEquals(problemsIn(output).map((problem) => problem.split("]")[0]), [
    "error[private-type-ref",
    "error[missing-jsdoc",
  ]);
});

test("isAboutDependency() lets only a type pass that no source declares", () => {
  const [reference = "", missing = ""] = problemsIn(output);
  assert(isAboutDependency(reference, [`import { type ZodType } from "zod";`]));
  assertFalse(isAboutDependency(reference, ["/** Ours. */\ninterface ZodType {}"]));
  assertFalse(isAboutDependency(missing, []));
});
