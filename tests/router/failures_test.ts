import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { sequential } from "../../src/pipeline/mod.ts";
import {
  CapabilityIndex,
  type Protocol,
  router,
  type RouterOptions,
} from "../../src/router/mod.ts";
import { foldSpans, openSpans } from "../harness/support/span_tree.ts";
import { allOf, capability, first, frameOf, routes, told, watch } from "./_support.ts";

function fail(): never {
  throw new RangeError("boom");
}

/** A protocol of one's own for answers. */
function own(build: Protocol["build"], more: Partial<Protocol> = {}): Protocol {
  return { id: "own", description: "Mine", handles: ["answer"], build, ...more };
}

const chosen = ["frame.extracted", "protocol.selected", "policy.verdict"];
const begun = [...chosen, "runnable.compiled", "runnable.executing"];

/** What throws, and what is said then. */
const thrown: Record<string, readonly [Partial<RouterOptions>, events: string[], error: string]> = {
  "an extractor": [
    { extractor: fail },
    ["frame.failed"],
    "FrameExtractionError: RangeError: boom",
  ],
  "onFrame": [{ onFrame: fail }, ["frame.extracted"], "RangeError: boom"],
  "a builder": [
    { protocols: [own(fail)] },
    [...chosen, "runnable.failed"],
    "RangeError: boom",
  ],
  "onApproval": [
    { protocols: [own(() => () => "", { requiresApproval: true })], onApproval: fail },
    [...begun, "runnable.failed"],
    "RangeError: boom",
  ],
  "what was built": [
    { protocols: [own(() => fail)] },
    [...begun, "runnable.failed"],
    "RangeError: boom",
  ],
  "a model": [
    { model: { specificationVersion: "v3", doGenerate: fail } as never },
    [...begun, "runnable.failed"],
    "RangeError: boom",
  ],
};

for (const [what, [options, expected, said]] of Object.entries(thrown)) {
  test(`${what} that throws: one end, and the error reaches the caller`, async () => {
    const { events, error } = await watch(() => routes(frameOf("answer"), options).dispatch("go"));
    assertEquals(told(events), expected);
    assert(error instanceof Error);
    assertEquals(`${error.name}: ${error.message}`, said);
    const failed = first(events, "router.runnable.failed") ?? first(events, "router.frame.failed");
    if (what !== "onFrame") assertEquals(failed?.error, said);
    assertEquals(allOf(events, "span.completed").at(-1)?.success, false);
    assertEquals(first(events, "run.completed")?.outcome, "error");
  });
}

test("a picker that throws is not followed", async () => {
  const { events, error } = await watch(() =>
    routes(frameOf("research"), { picker: fail }).dispatch("go")
  );
  assertEquals(error, null);
  assertEquals(
    first(events, "router.protocol.selected")?.fallback_error,
    "the picker named no candidate: RangeError: boom",
  );
});

/** Where it hangs when it is aborted. */
const hang = () => new Promise<never>(() => {});
const places: Record<string, readonly [(stop: () => unknown) => Partial<RouterOptions>, string[]]> =
  {
    "before it begins": [(stop) => (stop(), {}), []],
    "in the extractor": [(stop) => ({ extractor: () => (stop(), hang()) }), []],
    "in the picker": [
      (stop) => ({
        picker: () => (stop(), hang()),
        protocols: [own(fail), own(fail, { id: "other" })],
      }),
      ["frame.extracted"],
    ],
    "in the approval": [
      (stop) => ({
        protocols: [own(() => fail, { requiresApproval: true })],
        onApproval: () => (stop(), hang()),
      }),
      [...begun, "runnable.failed"],
    ],
    "in the protocol": [
      (stop) => ({ protocols: [own(() => () => (stop(), hang()))] }),
      [...begun, "runnable.failed"],
    ],
    "in a stage": [
      (stop) => ({ protocols: [own(() => sequential([() => (stop(), hang())]))] }),
      [...begun, "runnable.failed"],
    ],
  };

for (const [where, [options, expected]] of Object.entries(places)) {
  test(`an abort ${where} ends everything once, with the signal's reason`, async () => {
    const control = new AbortController();
    const made = routes(frameOf("answer"), options(() => control.abort(new Error("enough"))));
    const { signal } = control;
    const { events, error } = await watch(() => made.dispatch("go", { signal }));
    assertEquals(String(error), "Error: enough");
    assertEquals(told(events), expected);
    assertEquals(openSpans(foldSpans(events)), []);
    assertEquals(events.at(-1)?.event_type, "run.completed");
  });
}

test("a frame that is not whole says what is wrong with it", async () => {
  const { error } = await watch(() =>
    routes({ primary_goal: "sing", domain: "shop", complexity: "low" }).dispatch("go")
  );
  assert(/primary_goal/.test(String(error)) && /risk/.test(String(error)), String(error));
});

const wrong: Record<string, readonly [() => unknown, RegExp]> = {
  "no model and no extractor": [() => router({}), /expected a "model" or an "extractor"/],
  "an unknown option": [() => routes(0, { polcy: {} } as never), /did you mean "policy"/],
  "an extractor that is none": [() => routes(0, { extractor: 5 as never }), /"extractor" must be/],
  "two ways to approve": [
    () => routes(0, { approval: "ask", onApproval: () => true }),
    /not both/,
  ],
  "a confidence beyond 1": [() => routes(0, { minConfidence: 2 }), /"minConfidence" must be/],
  "a level that is none": [
    () => routes(0, { policy: { maxRisk: "huge" as never } }),
    /"policy.maxRisk" must be one of/,
  ],
  "a protocol twice": [
    () => routes(0, { protocols: [own(fail), own(fail)] }),
    /has "own" twice/,
  ],
  "a goal that is none": [
    () => routes(0, { protocols: [own(fail, { handles: ["sing" as never] })] }),
    /protocols\[0\]: "handles" must be one of/,
  ],
  "a capability twice": [
    () => routes(0, { capabilities: [capability("a"), capability("a")] }),
    /capability "a": there is already one/,
  ],
  "a capability without a tool": [
    () => new CapabilityIndex([capability("a", { tool: {} as never })]),
    /"tool" must be a tool or "\$human"/,
  ],
  "an unknown capability": [
    () => new CapabilityIndex([capability("a")]).lookup(["a", "b", "c"]),
    /no capability b, c; there are: a/,
  ],
  "the tool of a person": [
    () => new CapabilityIndex([capability("a", { tool: "$human" })]).resolveTool("a"),
    /a person does "a"/,
  ],
};

for (const [what, [make, message]] of Object.entries(wrong)) {
  test(`${what} is refused by name`, () => {
    const error = assertThrows(make, Error);
    assert(message.test(error.message), error.message);
  });
}
