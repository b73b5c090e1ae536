/**
 * AG-UI's own corpus of streams, valid and not: `spec/1.1/conformance/streams` of its repository, in a folder that
 * `LOCUS_AG_UI_CORPUS` names. It judges consumers. Ours watches: it refuses no stream, passes all of them on as they are, and
 * what it records of them holds the contract.
 */
import { readdir, readFile } from "node:fs/promises";
import process from "node:process";
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { EventBus } from "@locus/core";
import { fromAgUi } from "@locus/core/bridges/ag-ui";
import { skipWhen } from "../harness/support/requires.ts";
import { checkRun } from "./_contract.ts";

type Event = Readonly<Record<string, unknown>> & { readonly type: string };

const folder = process.env["LOCUS_AG_UI_CORPUS"] ?? "";
const names = folder === ""
  ? []
  : (await readdir(folder)).filter((name) => name.endsWith(".json")).sort();

if (names.length === 0) {
  const reason = "LOCUS_AG_UI_CORPUS names no folder with streams of AG-UI's corpus";
  test("fromAgUi() reads AG-UI's corpus", skipWhen(true, reason), () => {});
}

for (const name of names) {
  test(`fromAgUi() reads "${name}" of AG-UI's corpus`, async () => {
    const { stream } = JSON.parse(await readFile(`${folder}/${name}`, "utf8")) as {
      stream: Event[];
    };
    const bus = new EventBus();
    const source = (async function* () {
      yield* stream;
    })();
    assertEquals(await Array.fromAsync(fromAgUi(source, { bus, content: true })), stream);
    const outcomes = bus.runs().map(({ run_id }) =>
      checkRun(bus, run_id).of("run.completed").at(-1)!.outcome
    );
    assertEquals(outcomes, outcomesOf(stream));
  });
}

/** How the runs of a stream end: by what they say, or cut off by the next one or the end of the stream. */
function outcomesOf(stream: readonly Event[]): string[] {
  const outcomes: string[] = [];
  let isOpen = false;
  for (const { type, outcome } of stream) {
    if (type === "RUN_STARTED") isOpen = outcomes.push("cancelled") > 0;
    else if (isOpen && (type === "RUN_FINISHED" || type === "RUN_ERROR")) {
      isOpen = false;
      outcomes.pop();
      outcomes.push(type === "RUN_ERROR" ? "error" : said(outcome));
    }
  }
  return outcomes;
}

function said(outcome: unknown): string {
  const { type } = Object(outcome) as { type?: unknown };
  return type === "interrupt" ? "waiting" : type === "cancelled" ? "cancelled" : "ok";
}
