/** The program in a terminal: `script` of util-linux makes one. */
import { existsSync } from "node:fs";
import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { skipWhen } from "../harness/support/requires.ts";
import { until } from "../harness/support/until.ts";
import { PROGRAM, Program, publishRun, withServer } from "./_program.ts";

const hasScript = existsSync("/usr/bin/script");
const terminal = skipWhen(!hasScript, "there is no /usr/bin/script to make a terminal with");

/** Runs the program in a terminal of 100 columns; what it draws is in `out`. */
function startInTerminal(args: readonly string[], env: Record<string, string> = {}): Program {
  const words = [...PROGRAM, ...args].map((word) => `'${word}'`).join(" ");
  // The shell outlives what ends the program.
  const command = `trap : INT QUIT; stty cols 100 rows 20; ${words}; echo "code $?"`;
  const all = { TERM: "xterm-256color", SHELL: "/bin/sh", ...env };
  return new Program(["/usr/bin/script", "-qec", command, "/dev/null"], all);
}

test("locus tail draws a picture on a terminal, and leaves the whole of it", terminal, async () => {
  await withServer(async ({ url }, bus) => {
    publishRun(bus, "r");
    bus.closeStream("r");
    const { out } = await startInTerminal(["tail", url, "r"]).ended;
    assertMatch(out, /code 0\s*$/);
    const last = out.slice(out.lastIndexOf("\x1b[?2026h"));
    assert(last.includes("\x1b[32m✓ \x1b[0m\x1b[1mr\x1b[0m"), "the header is coloured");
    assertMatch(last, /search.*path.*✓.*22 lines/);
    assertMatch(last, /▏.*There are 22\./);
    assert(last.includes("\x1b[?25h"), "the cursor is back");
  });
});

for (const [key, code] of [["\x03", 130], ["\x1c", 131]] as const) {
  const name = code === 130 ? "Ctrl-C" : "Ctrl-\\";
  test(`locus tail gives the cursor back on ${name}`, terminal, async () => {
    await withServer(async ({ url }, bus) => {
      publishRun(bus, "r");
      const program = startInTerminal(["tail", url, "r"]);
      await until("it draws", () => program.out.includes("22 lines"), 15_000);
      program.child.stdin.write(key);
      const { out } = await program.ended;
      assertMatch(out, new RegExp(`code ${code}\\s*$`));
      const [hidden, shown] = [out.lastIndexOf("\x1b[?25l"), out.lastIndexOf("\x1b[?25h")];
      assert(shown > hidden, "the last word on the cursor is that it is visible");
    });
  });
}

test("locus tail gives the cursor back when the server is gone", terminal, async () => {
  const { out } = await startInTerminal(["tail", "http://127.0.0.1:9", "r"]).ended;
  assertMatch(out, /locus: Cannot follow/);
  assertMatch(out, /code 1\s*$/);
  assert(out.lastIndexOf("\x1b[?25h") > out.lastIndexOf("\x1b[?25l"));
});

for (const [name, value] of [["NO_COLOR", "1"], ["TERM", "dumb"]] as const) {
  test(`locus tail writes plain lines on a terminal with ${name}=${value}`, terminal, async () => {
    await withServer(async ({ url }, bus) => {
      publishRun(bus, "r");
      bus.closeStream("r");
      const { out } = await startInTerminal(["tail", url, "r"], { [name]: value }).ended;
      assertEquals(out.includes("\x1b"), false);
      assertMatch(out, /search {7}done/);
    });
  });
}
