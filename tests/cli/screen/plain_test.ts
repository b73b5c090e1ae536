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
    "There are 22.",
    "  1.7 s  done         complete  2 model calls  1 tool  1,200 tok",
  ]);
});

test("plainEvent() shows gaps and unknown events in their place", () => {
  const script = new Script().emitAny("shop.paid", { order_id: "42" }).wait(5)
    .emit("bus.gap", { from_seq: 2, to_seq: 2, count: 1, reason: "evicted" });
  assertEquals(plain(script), [
    "   0 ms  note         shop.paid  order_id=42",
    "   5 ms  note         1 event missing (evicted)",
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

test("plainNote() stamps what is no event with the run's own time", () => {
  const script = oneTool();
  const at = script.now + 300;
  assertEquals(plainNote(script.picture, "connection lost", at, 80), [
    "  2.0 s  note         connection lost",
  ]);
});
