import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { EventBus, withRun, withSpan } from "@locus/core";
import "@locus/core/redaction";

const SECRET = "sk-proj-abcdefghijklmnop";

test("What a run says of itself and of its errors has no secrets in it", () => {
  const bus = new EventBus();
  const fail = () => {
    throw new Error(`401 for ${SECRET}`);
  };
  const options = { runId: "r", bus, input: `call it with ${SECRET}` };
  assertThrows(() => withRun(options, (run) => withSpan("call", { run }, fail)));
  withRun({ runId: "s", bus }, (run) => run.setOutcome("error", `401 for ${SECRET}`));
  const said = bus.history().toReversed().map(({ data }) => {
    const { input_preview, error } = data as Record<string, unknown>;
    return input_preview || error;
  });
  assertEquals(said.filter(Boolean), [
    "call it with sk-pro...mnop",
    "Error: 401 for sk-pro...mnop",
    "Error: 401 for sk-pro...mnop",
    "401 for sk-pro...mnop",
  ]);
});

test("A secret at the edge of a preview does not survive in part", () => {
  const bus = new EventBus();
  for (let before = 200; before < 245; before++) {
    withRun({ runId: `r${before}`, bus, input: `${"x".repeat(before)} ${SECRET}` }, () => {});
    const [started] = bus.history({ run: `r${before}`, type: "run.started" });
    assertEquals(started!.data.input_preview.includes("sk-proj-"), false);
  }
});
