/** The terminal, over the streams of `docs/conformance`: the picture, and the plain lines. */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { RunPicture } from "@locus/core/view";
import { drawRun } from "../../src/cli/screen/draw.ts";
import { plainEnd, plainEvent } from "../../src/cli/screen/plain.ts";
import { quoteName } from "../../src/cli/screen/quote_name.ts";
import { oneLine } from "../../src/cli/screen/text.ts";
import { deliver, type ExpectedSpan, streamsOfOneRun as streams } from "./_streams.ts";

for (const stream of streams) {
  test(`the terminal draws "${stream.name}" as it says`, async () => {
    const { expect } = stream;
    const picture = new RunPicture("r");
    const plain: string[] = [];
    for (const event of (await deliver(stream)).events) {
      plain.push(...plainEvent(picture, event, WIDTH));
    }
    plain.push(...plainEnd(picture, WIDTH));
    const drawn = drawRun(picture, { name: "r", width: WIDTH, now: 0 });
    for (const line of [...drawn, ...plain]) {
      // deno-lint-ignore no-control-regex
      assert(!/[\x00-\x1f\x7f-\x9f\u202a-\u202e]/.test(line), `is to be shown: ${line}`);
    }
    const { tree, outcome, text, missed = 0 } = expect;
    if (tree !== undefined) checkTree(drawn, tree);
    if (outcome !== undefined) {
      const name = picture.summary.title ?? "r";
      assert(drawn[0]!.includes(` ${name}  ${outcome.state}`), drawn[0]);
      // Of a run that failed, the last line says why.
      const end = plain.slice(-2);
      assert(end.some((line) => line.includes(` ${outcome.state}`)), end.join("\n"));
    }
    if (text !== undefined) {
      const answer = drawn.filter((line) => line.startsWith("▏")).map((line) => line.slice(1));
      // What is missing of a text is said after it.
      assert(answer.join("\n").startsWith(text ?? ""), answer.join("\n"));
      assertEquals(answer.length > 0, text !== null);
    }
    const warnings = drawn.filter((line) => /⚠ .*missing/.test(line));
    assertEquals(warnings.length > 0, missed > 0);
  });
}

/** Wide enough for every line. */
const WIDTH = 160;

/** Each span has its line, in order, further in than the one that it is part of, with the sign of its state. */
function checkTree(drawn: readonly string[], tree: readonly ExpectedSpan[]): void {
  const rest = drawn.slice(1).values();
  const check = (spans: readonly ExpectedSpan[], outside: number) => {
    for (const { kind, name, state, children = [] } of spans) {
      const shown = kind === "model" ? "think " : quoteName(oneLine(name));
      const line = rest.find((line) => line.replace(BRANCH, "").startsWith(shown));
      assert(line !== undefined, `no line of ${shown} in its place:\n${drawn.join("\n")}`);
      const depth = BRANCH.exec(line)![0].length;
      assert(depth > outside, `${shown} stands too far out:\n${drawn.join("\n")}`);
      const signs = SIGNS[state];
      if (signs !== undefined) assert(line.includes(` ${signs} `), `${shown} is ${state}: ${line}`);
      check(children, depth);
    }
  };
  check(tree, 0);
}

const BRANCH = /^[ │├└┬─]*/;

/** Of what is at work, the sign turns. */
const SIGNS: Partial<Record<ExpectedSpan["state"], string>> = {
  done: "✓",
  failed: "✗",
  skipped: "–",
  waiting: "◐",
  lost: "?",
};
