import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { RunPicture } from "@locus/core/view";
import { plainEvent, plainNote } from "../../../src/cli/screen/plain.ts";
import { textWidth } from "../../../src/cli/screen/text.ts";
import { Script } from "../../view/_script.ts";

function plain(script: Script, width = Infinity): string[] {
  const picture = new RunPicture("demo");
  return script.events.flatMap((event) => plainEvent(picture, event, width));
}

function oneTool(): Script {
  return new Script()
    .chunk("I look.").wait(300).turn(0, 1).start("search", "a", '"TODO"').wait(1200)
    .complete("search", "a", 1200, "22 lines in 8 files\n…").wait(100)
    .chunk("There are ").wait(100).chunk("22.").turn(1, 0, 1100).terminate("complete");
}

test("plainEvent() says in words and in order what happens", () => {
  assertEquals(plain(oneTool()), [
    " 300 ms  think 0      I look.",
    " 300 ms  search       started  path",
    '  1.5 s  search       done  "TODO"  1.2 s  22 lines in 8 files',
    "  1.7 s  think 1      the answer below",
    "         There are 22.",
    "  1.7 s  done         complete  2 model calls  1 tool  1,200 tok",
  ]);
});

test("plainEvent() shows gaps and unknown events in their place", () => {
  const script = new Script().emitAny("shop.paid", { order_id: "42" }).wait(5)
    .emit("bus.gap", { from_seq: 2, to_seq: 2, count: 1, reason: "evicted" });
  assertEquals(plain(script), [
    "   0 ms  note         shop.paid  order_id=42",
    "   0 ms  note         1 event missing (evicted)",
  ]);
});

test("plainEvent() breaks lines that are too wide, and loses nothing", () => {
  const lines = plain(oneTool(), 30);
  for (const line of lines) assert(textWidth(line) <= 30, line);
  assertEquals(lines.slice(3, 6), [
    "  1.5 s  search       done",
    '         "TODO"  1.2 s  22',
    "         lines in 8 files",
  ]);
});

test("plainEvent() writes no control character but what separates lines", () => {
  const script = new Script().chunk("a\x1b[31m\0").turn(0, 1).start("s\x07", "a", "\x1b]0;x\x07")
    .complete("s\x07", "a", 1, "\x9b2J").chunk("\x1bc").terminate("complete\r");
  for (const line of plain(script)) {
    // deno-lint-ignore no-control-regex
    assert(!/[\x00-\x1f\x7f-\x9f]/.test(line), JSON.stringify(line));
  }
});

test("plainNote() stands after the latest event: a reader's clock says nothing of a run", () => {
  const { picture } = oneTool();
  assertEquals(plainNote(picture, "connection lost", 80), [
    "  1.7 s  note         connection lost",
  ]);
});

test("G6: plainEvent() gives a gap the time of the event before it, and none at the beginning", () => {
  const hour = 3_600_000;
  const script = new Script().wait(hour).gap(120, "evicted").wait(-hour)
    .emitAny("shop.paid", {}).wait(40).emitAny("shop.sent", {}).wait(hour).gap(29).end();
  assertEquals(plain(script), [
    "         note         120 events missing (evicted)",
    "   0 ms  note         shop.paid",
    "  40 ms  note         shop.sent",
    "  40 ms  note         29 events missing (lagged)",
    "  40 ms  ended        0 model calls  0 tools  0 tok",
  ]);
});

test("G3: plainEvent() has one line for equal gaps", () => {
  const script = new Script().emitAny("shop.paid", {});
  for (let n = 0; n < 3; n++) script.gap(0, "new_epoch");
  assertEquals(plain(script).slice(1), [
    "   0 ms  note         the server was restarted; what it held is gone",
  ]);
});

test("plainEvent() ends with why a run failed, once, whoever says it", () => {
  const error = "RangeError: no such order";
  const completed = (script: Script) =>
    script.emitAny("run.completed", { outcome: "error", error }).end();
  const end = { reason: "error", success: false, error };
  assertEquals(plain(completed(new Script().emitAny("run.started", { name: "" }))), [
    "   0 ms  failed       error  0 model calls  0 tools  0 tok  1 error",
    `   0 ms  error        ${error}  event x-2`,
  ]);
  assertEquals(plain(completed(new Script().emitAny("agent.terminate", end))), [
    "   0 ms  failed       error  0 model calls  0 tools  0 tok  1 error",
    `   0 ms  error        ${error}  event x-1`,
  ]);
});

test("plainEvent() tells a run that was cancelled from one that waits", () => {
  const ends = ["cancelled", "waiting", "ok"].map((outcome) =>
    plain(new Script().emitAny("run.completed", { outcome, error: null }))
  );
  assertEquals(ends, [
    ["   0 ms  cancelled    cancelled  0 model calls  0 tools  0 tok"],
    [],
    ["   0 ms  done         0 model calls  0 tools  0 tok"],
  ]);
});

test("plainEvent() says what a run is called and was asked, and that it goes on", () => {
  const input = "Where is it?\nI wait.";
  const started = { name: "Refund", input_preview: input, resumed: false };
  assertEquals(
    plain(
      new Script().emitAny("run.started", started)
        .emitAny("run.started", { name: null, input_preview: input })
        .emitAny("run.started", { name: "Refund", input_preview: "", resumed: true })
        .emitAny("run.started", { name: null, input_preview: "" }),
    ),
    [
      "   0 ms  running      Refund  Where is it?",
      "   0 ms  running      Where is it?",
      "   0 ms  running      again  Refund",
    ],
  );
});

test("plainEvent() says what went in, and at the end what came out, where it was captured", () => {
  const prompt = [{ role: "user", parts: [{ type: "text", content: "Pay\nAda." }] }];
  const question = { interrupt_id: "i", question_preview: "Pay?", options: null };
  const script = new Script()
    .emitAny("span.started", { span_id: "m", parent_span_id: null, kind: "model", name: "m-1" })
    .content("m", "input", "messages", prompt)
    .emitAny("span.completed", { span_id: "m", kind: "model", name: "m-1", success: true })
    .turn(0, 1).start("pay", "a")
    .content("a", "input", "arguments", { to: "Ada", amount: 12 })
    .content("a", "input", "tools", [])
    .emit("agent.interrupt", question)
    .content("a", "input", "answer", "yes")
    .content("a", "output", "result", "paid\nin full").complete("pay", "a", 3)
    .content("?", "input", "text", "of nothing that is known");
  assertEquals(plain(script), [
    "   0 ms  think 0      input  1 message  user: Pay Ada.",
    "   0 ms  think 0",
    "   0 ms  pay          started  path",
    "   0 ms  pay          input  to=Ada  amount=12",
    "   0 ms  note         waits for a person: Pay?",
    "   0 ms  waiting      pay  to=Ada  amount=12",
    "   0 ms  pay          answer  yes",
    "   0 ms  pay          done  to=Ada  amount=12  3 ms  paid",
  ]);
});
