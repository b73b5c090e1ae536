/** The same run at several widths: what a person sees, cell by cell. */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { drawRun } from "../../../src/cli/screen/draw.ts";
import { textWidth } from "../../../src/cli/screen/text.ts";
import { Script } from "../../view/_script.ts";

/** Specialists beside each other, an agent in a span, a failure, a gap, and an answer that is being written. */
function busyRun(): Script {
  const span = { span_id: "pay", parent_span_id: null, name: "pay" };
  return new Script()
    .chunk("I ask both.").wait(200).turn(0, 1, 812)
    .start("list_files", "t1", "src/**").wait(12).complete("list_files", "t1", 12, "38 files")
    .specialist("ada").specialist("bob").wait(300).specialistDone("bob", 300).wait(400)
    .specialistDone("ada", 700)
    .emit("span.started", { ...span, attributes: { order: 42 } })
    .within("pay").chunk("Pay by card.").wait(60).turn(0, 1).start("charge", "t2", "12.50 EUR")
    .wait(400)
    .fail("charge", "t2", 400, "PaymentError: the card was refused")
    .within(null)
    .emit("span.completed", { ...span, success: false, duration_ms: 460, error: "Error: not paid" })
    .gap(29).wait(300).chunk("The offer of Ada is the best one, but it cannot be paid.");
}

function draw(width: number, height?: number): string[] {
  const script = busyRun().wait(1_000);
  const options = { name: "order-42", width, height, now: script.now };
  const lines = drawRun(script.picture, { ...options, source: "http://127.0.0.1:8000" });
  for (const line of lines) assert(textWidth(line) <= width, line);
  return lines;
}

test("drawRun() at 120 columns has a timeline, and says where the run is", () => {
  assertEquals(draw(120), [
    "● order-42  running  2.7 s  2 model calls  2 tools     912 tok  2 errors                 following http://127.0.0.1:8000",
    "├─ think 0       I ask both.                                              ✓  200 ms    812 tok  ━───────────────────────",
    "│  └─ list_files src/**    ✓   12 ms  38 files                                                  ━───────────────────────",
    "├┬ ada           ask ada   ✓  700 ms  5 characters                                              ─━━━────────────────────",
    "│└ bob           ask bob   ✓  300 ms  5 characters                                              ─━──────────────────────",
    "├─ pay           order=42  ✗  460 ms  Error: not paid                                           ────━━━─────────────────",
    "│  └─ think 0    Pay by card.                                             ✓   60 ms    100 tok  ────━───────────────────",
    "│     └─ charge  12.50 EUR ✗  400 ms  PaymentError: the card was refused                        ────━━━─────────────────",
    "├─ ⚠ 29 events missing (lagged)",
    "├─ think 1                                                                ⠦   1.3 s             ──────━━━━━━━───────────",
    "▏The offer of Ada is the best one, but it cannot be paid.",
  ]);
});

test("drawRun() at 80 columns leaves out the timeline", () => {
  assertEquals(draw(80), [
    "● order-42  running  2.7 s  2 model calls  2 tools     912 tok  2 errors",
    "├─ think 0       I ask both.                                ✓  200 ms    812 tok",
    "│  └─ list_files src/**    ✓   12 ms  38 files",
    "├┬ ada           ask ada   ✓  700 ms  5 characters",
    "│└ bob           ask bob   ✓  300 ms  5 characters",
    "├─ pay           order=42  ✗  460 ms  Error: not paid",
    "│  └─ think 0    Pay by card.                               ✓   60 ms    100 tok",
    "│     └─ charge  12.50 EUR ✗  400 ms  PaymentError: the card was refused",
    "├─ ⚠ 29 events missing (lagged)",
    "├─ think 1                                                  ⠦   1.3 s",
    "▏The offer of Ada is the best one, but it cannot be paid.",
  ]);
});

test("drawRun() at 60 columns shortens the header before it loses a counter", () => {
  assertEquals(draw(60), [
    "● order-42  running  2.7 s  2 errors  2 calls · 2 tools",
    "├─ think 0       I ask both.            ✓  200 ms    812 tok",
    "│  └─ list_files src/**    ✓   12 ms  38 files",
    "├┬ ada           ask ada   ✓  700 ms  5 characters",
    "│└ bob           ask bob   ✓  300 ms  5 characters",
    "├─ pay           order=42  ✗  460 ms  Error: not paid",
    "│  └─ think 0    Pay by card.           ✓   60 ms    100 tok",
    "│     └─ charge  12.50 EUR ✗  400 ms  PaymentError: the car…",
    "├─ ⚠ 29 events missing (lagged)",
    "├─ think 1                              ⠦   1.3 s",
    "▏The offer of Ada is the best one, but it cannot be paid.",
  ]);
});

test("drawRun() on a low screen says how much is above, and that some of it still runs", () => {
  const script = busyRun();
  script.start("slow", "t3");
  for (let n = 0; n < 5; n++) script.emitAny("shop.paid", { n });
  const lines = drawRun(script.picture, { name: "r", width: 60, height: 6, now: script.now });
  assertEquals(lines, [
    "● r  running  1.7 s  2 errors  2 calls · 3 tools · 912 tok",
    "│  12 lines above, 2 still running: slow",
    "├─ · shop.paid  n=2",
    "├─ · shop.paid  n=3",
    "├─ · shop.paid  n=4",
    "▏The offer of Ada is the best one, but it cannot be paid.",
  ]);
});
