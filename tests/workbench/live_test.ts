import { assert, assertEquals } from "@std/assert";
import { EventBus, runContext } from "@locus/core";
import { Agent, tool } from "@locus/core/agent";
import { z } from "zod";
import { ScriptedModel, toolCall } from "../harness/support/scripted_model.ts";
import { until } from "../harness/support/until.ts";
import { finish, publishWork, testPage } from "./_locus.ts";

testPage(
  "a run appears while somebody looks, with its spans, its text and its numbers",
  {},
  async ({ page, bus, open }) => {
    await open();
    await page.getByText("No run yet", { exact: true }).waitFor();
    await until("the page listens", () => bus.stats().global_subscribers === 1);

    const search = tool({
      name: "search",
      description: "Searches.",
      parameters: z.object({ text: z.string() }),
      execute: () => "17 matches",
    });
    const model = new ScriptedModel(
      [{ deltas: ["I ", "search."] }, toolCall("call_1", "search", { text: "x" })],
      [{ deltas: ["It is ", "there."] }],
    );
    const agent = new Agent({ model, tools: [search] });
    await runContext({ runId: "order-42", bus }, () => agent.invoke("Where?"));
    bus.closeStream("order-42");

    await page.getByRole("option", { name: "order-42" }).waitFor();
    await page.getByRole("treeitem", { name: /done search text/ }).waitFor();
    await page.getByRole("log").getByText("It is there.").waitFor();
    const counters = await page.getByRole("list", { name: "Counters" }).innerText();
    assertEquals(counters.replaceAll("\n", " "), "2 calls 1 tool 16 tok");
    await page.locator(".run-state", { hasText: "done" }).waitFor();
  },
);

testPage(
  "goes on without a hole or a repetition after the server was killed",
  {},
  async ({ page, bus, host, start, open }) => {
    publishWork(bus, "r1");
    await open("#run=r1");
    await page.locator(".pane-events .count", { hasText: "10" }).waitFor();
    await host.kill();
    await page.getByText(/connection lost · will go on after \w+-10 /).waitFor();
    publishWork(bus, "r1");
    await start(bus);
    await page.getByText(/resumed after .* · nothing missed/).waitFor();
    publishWork(bus, "r1");
    await page.locator(".pane-events .count", { hasText: /^30$/ }).waitFor();
    const list = page.getByRole("listbox", { name: "Events of the run" });
    await list.focus();
    await page.keyboard.press("Home");
    const seqs = await seqsInOrder(page);
    assertEquals(seqs, seqs.map((_, index) => index + 1));
  },
);

testPage(
  "comes back after the machine has slept, though nobody said that the connection was lost",
  {},
  async ({ page, bus, open }) => {
    await page.clock.install();
    publishWork(bus, "r1");
    await open("#run=r1");
    await page.locator(".pane-events .count", { hasText: "10" }).waitFor();
    await page.clock.fastForward("10:00");
    await page.getByText(/resumed after .* · nothing missed/).waitFor();
    publishWork(bus, "r1");
    await page.locator(".pane-events .count", { hasText: "20" }).waitFor();
    await until("the lost connection is let go", () => bus.stats().global_subscribers === 1);
  },
);

testPage(
  "says that a server which was restarted has forgotten the run, and follows the next one",
  {},
  async ({ page, bus, host, start, open }) => {
    publishWork(bus, "r1");
    await open("#run=r1");
    await page.getByRole("treeitem", { name: /done search/ }).waitFor();
    await host.kill();
    await page.getByText("connection lost").waitFor();
    const fresh = new EventBus();
    await start(fresh);
    await page.getByText("the server has forgotten this run").waitFor();
    await page.getByRole("treeitem", { name: /done search/ }).waitFor();
    publishWork(fresh, "r2");
    await page.getByRole("option", { name: "r2" }).click();
    await page.locator(".run-title", { hasText: "r2" }).waitFor();
    await page.getByRole("treeitem", { name: /failed fetch FetchError: 503/ }).waitFor();
  },
);

testPage("holds one connection, whatever is looked at", {}, async ({ page, bus, open }) => {
  for (const runId of ["r1", "r2", "r3"]) publishWork(bus, runId);
  await open();
  for (const runId of ["r1", "r2", "r3"]) {
    await page.getByRole("option", { name: runId }).click();
    await page.locator(".run-title", { hasText: runId }).waitFor();
    await page.getByRole("treeitem", { name: /done search/ }).waitFor();
  }
  assertEquals(bus.stats().global_subscribers, 1);
  assertEquals(bus.stats().active_runs, 0);
});

testPage("puts runs that wait for a person first, and answers them in place", {
  options: {
    onResume: (_, { response }) => {
      answers.push(response);
      return response !== "late" && undefined;
    },
  },
}, async ({ page, bus, open }) => {
  bus.publish({
    run_id: "old",
    event_type: "agent.think",
    data: { iteration: 0, reasoning_preview: "", has_tool_calls: true, tool_call_count: 1 },
  });
  bus.publish({
    run_id: "old",
    event_type: "agent.tool.started",
    data: { tool_name: "refund", span_id: "call_1", arg_keys: [] },
  });
  ask(bus, "old", ["approve", "decline"]);
  publishWork(bus, "new");
  await open("#run=old");
  const runs = page.getByRole("listbox", { name: "Runs" }).getByRole("option");
  await page.getByText("Refund 120 EUR?").first().waitFor();
  assertEquals(await runs.first().locator(".run-name").innerText(), "old");
  const headings = await runs.evaluateAll((rows) =>
    rows.map((row) => row.getAttribute("data-group"))
  );
  assertEquals(headings, ["Waiting for you", "Running"]);
  const approve = page.getByRole("radio", { name: "approve" });
  await approve.check();
  const send = page.getByRole("button", { name: "Send “approve” for refund" });
  await send.waitFor();
  // The arguments arrive late: what was chosen was chosen without them.
  bus.publish({
    run_id: "old",
    event_type: "span.content",
    data: {
      span_id: "call_1",
      base_span_id: null,
      from_index: 0,
      direction: "input",
      kind: "arguments",
      content: { amount: 120 },
      bytes: 14,
      truncated: false,
    },
  });
  await page.getByText("What would run has changed: choose again.").waitFor();
  assert(!await approve.isChecked());
  await approve.check();
  await send.click();
  await page.getByText("sent · waiting for the run to go on").waitFor();
  assertEquals(answers, ["approve"]);
  finish(bus, "old");
  await page.getByRole("region", { name: "Question of the agent" }).waitFor({ state: "hidden" });
});
const answers: unknown[] = [];

testPage("no key sends an answer by itself, and the keyboard is enough to send one", {
  options: { onResume: (_, { response }) => void typed.push(response) },
}, async ({ page, bus, open }) => {
  publishWork(bus, "r1");
  ask(bus, "r1", ["approve", "decline"]);
  await open("#run=r1");
  const question = page.getByRole("region", { name: "Question of the agent" });
  await question.waitFor();
  await page.getByRole("treeitem", { name: /done search/ }).click();
  await question.waitFor({ state: "hidden" });
  await page.keyboard.press("a");
  await question.waitFor();
  assertEquals(await question.getByRole("radio", { checked: true }).count(), 0);
  assert(await question.getByRole("button").isDisabled());
  for (const key of ["Enter", "Control+Enter", "1", "Enter", "2"]) await page.keyboard.press(key);
  await question.getByRole("radio", { name: "decline", checked: true }).waitFor();
  assertEquals(typed, []);
  await page.keyboard.press("Control+Enter");
  await page.getByText("sent · waiting for the run to go on").waitFor();
  await page.keyboard.press("Control+Enter");
  assertEquals(typed, ["decline"]);
});
const typed: unknown[] = [];

testPage("says why an answer was not taken, and lets it be sent again", {
  options: { onResume: () => false },
}, async ({ page, bus, open }) => {
  ask(bus, "r1", null);
  await open("#run=r1");
  const answer = page.getByRole("textbox", { name: "Your answer" });
  await answer.fill("forty-two");
  await answer.press("Enter");
  await page.getByText("not taken: Nobody waits for this answer").waitFor();
  assert(await answer.isEnabled());
});

testPage("follows a run by its id where runs may not be listed", {
  options: { local: false },
}, async ({ page, bus, host, start, open }) => {
  await open();
  await page.getByText("No run may be listed here").waitFor();
  publishWork(bus, "r1");
  await page.getByRole("textbox", { name: "Id of a run" }).fill("r1");
  await page.getByRole("button", { name: "Open the run" }).click();
  await page.getByRole("treeitem", { name: /done search/ }).waitFor();
  assertEquals([bus.stats().global_subscribers, bus.stats().active_runs], [0, 1]);
  await host.kill();
  await page.getByText("connection lost").waitFor();
  publishWork(bus, "r1");
  await start(bus);
  await page.locator(".pane-events .count", { hasText: "20" }).waitFor();
  finish(bus, "r1");
  await page.locator(".connection", { hasText: "complete" }).waitFor();
});

testPage("shows those runs that its reader may read, and the open one live", {
  options: { local: false, authorize: (_, runId) => runId?.startsWith("ada-") ?? false },
}, async ({ page, bus, open }) => {
  publishWork(bus, "ada-1");
  publishWork(bus, "bob-1");
  await open();
  await page.getByRole("treeitem", { name: /done search/ }).waitFor();
  assertEquals(await page.locator(".run-row:visible .run-name").allInnerTexts(), ["ada-1"]);
  publishWork(bus, "ada-1");
  await page.locator(".pane-events .count", { hasText: "20" }).waitFor();
  await page.goto(`${page.url().split("#")[0]}#run=bob-1`);
  await page.getByText("This run cannot be shown").waitFor();
  assertEquals(await page.locator(".event-row:visible").count(), 0);
});

testPage("shows what is missing, and why", {
  bus: new EventBus({ historyPerRun: 10 }),
}, async ({ page, bus, open }) => {
  publishWork(bus, "r1", 3);
  await open("#run=r1");
  await page.getByText("20 missed: 1 to 20 (evicted)").waitFor();
  await page.locator(".counter-notice", { hasText: "20 missed" }).waitFor();
});

function ask(bus: EventBus, runId: string, options: string[] | null): void {
  bus.publish({
    run_id: runId,
    event_type: "agent.interrupt",
    data: { interrupt_id: "int_1", question_preview: "Refund 120 EUR?", options },
  });
}

/** The sequence numbers of the events, in the order in which they stand. */
async function seqsInOrder(page: import("playwright-core").Page): Promise<number[]> {
  const rows = page.locator(".event-row:visible");
  const pairs = await rows.evaluateAll((rows) =>
    rows.map((row) =>
      [
        Number(row.getAttribute("aria-posinset")),
        Number(row.querySelector(".event-seq")?.textContent),
      ] as [number, number]
    )
  );
  return pairs.sort(([a], [b]) => a - b).map(([, seq]) => seq);
}
