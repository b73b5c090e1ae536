import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { drawFacts } from "../../../src/cli/screen/facts.ts";
import { capabilitiesOf, Frame, type Output } from "../../../src/cli/screen/terminal.ts";

/** Keeps what is written, and understands enough of it to say what would be seen. */
class FakeTerminal implements Output {
  isTTY = true;
  columns = 80;
  rows = 24;
  written = "";

  write(text: string): void {
    this.written += text;
  }

  get screen(): string[] {
    const lines: string[] = [];
    let row = 0;
    // deno-lint-ignore no-control-regex
    for (const [token] of this.written.matchAll(/\x1b\[\??(\d*)[a-zA-Z]|\n|\r|[^\x1b\n\r]+/g)) {
      if (token === "\n") row++;
      else if (token === "\x1b[J") lines.length = row;
      else if (token.endsWith("A") && token.startsWith("\x1b")) row -= parseInt(token.slice(2));
      else if (!token.startsWith("\x1b") && token !== "\r") lines[row] = token;
    }
    return lines;
  }
}

test("capabilitiesOf() draws live only on a terminal that can", () => {
  const terminal = new FakeTerminal();
  assertEquals(capabilitiesOf(terminal, {}), { live: true, width: 80 });
  assertEquals(capabilitiesOf(terminal, { NO_COLOR: "1" }).live, false);
  assertEquals(capabilitiesOf(terminal, { NO_COLOR: "" }).live, true);
  assertEquals(capabilitiesOf(terminal, { TERM: "dumb" }).live, false);
  terminal.columns = 40;
  assertEquals(capabilitiesOf(terminal, {}), { live: false, width: 40 });
  assertEquals(capabilitiesOf({ write() {} }, {}), { live: false, width: Infinity });
});

test("Frame.draw() draws over what it drew before", () => {
  const terminal = new FakeTerminal();
  const frame = new Frame(terminal);
  frame.draw(["one", "two", "three"]);
  frame.draw(["uno", "dos"]);
  assertEquals(terminal.screen, ["uno", "dos"]);
});

test("Frame.draw() finds its first line again after the window became narrower", () => {
  const terminal = new FakeTerminal();
  const frame = new Frame(terminal);
  frame.draw(["\x1b[36m" + "x".repeat(70) + "\x1b[0m", "short"]);
  terminal.columns = 40;
  terminal.written = "";
  frame.draw(["new"]);
  assert(terminal.written.includes("\x1b[3A"), "the long line takes two rows now");
});

test("Frame.close() gives the cursor back", () => {
  const terminal = new FakeTerminal();
  const frame = new Frame(terminal);
  frame.draw(["one"]);
  assert(terminal.written.includes("\x1b[?25l"), "hidden while it is drawn");
  frame.close();
  assert(terminal.written.endsWith("\x1b[?25h"), "visible again");
});

test("drawFacts() sets texts in one column and keeps to the width", () => {
  const facts = [
    { label: "resumed", text: "everything arrived once", passed: true },
    { label: "replayed", text: "two events are missing", passed: false },
  ];
  assertEquals(drawFacts(facts, 30, false), [
    "✓ resumed   everything arrived",
    "            once",
    "✗ replayed  two events are",
    "            missing",
  ]);
});
