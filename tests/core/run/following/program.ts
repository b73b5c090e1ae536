/** What a consumer does, and what happens meanwhile. */
import fc from "../../../harness/support/property.ts";
import { GATES, type Script, type Step } from "./world.ts";

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.nat(9).map((value) => ({ do: "yield", value }) as const) },
  { weight: 2, arbitrary: fc.nat(GATES - 1).map((gate) => ({ do: "gate", gate }) as const) },
  fc.constantFrom({ do: "mark" }, { do: "await" }, { do: "throw" }),
);

/** How the work goes. */
export const scripts: fc.Arbitrary<Script> = fc.record({
  steps: fc.array(step, { maxLength: 6 }),
  cleanup: fc.array(step, { maxLength: 2 }),
});

/** A call, something that goes on by itself, a gate that opens, or a wait until nothing happens any more. */
export type Op =
  | { readonly call: number }
  | { readonly work: number }
  | { readonly open: number }
  | "wait";

/** What a consumer does with one value. */
export const programs: fc.Arbitrary<Op[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ call: fc.nat() }) },
    { weight: 2, arbitrary: fc.record({ work: fc.nat() }) },
    { weight: 2, arbitrary: fc.record({ open: fc.nat(GATES - 1) }) },
    { weight: 1, arbitrary: fc.constant("wait" as const) },
  ),
  { maxLength: 8 },
);
