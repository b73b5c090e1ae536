/**
 * Streams of AG-UI, valid and not, by the names of its own corpus: `spec/1.1/conformance/streams` of its repository. It judges
 * consumers. A strict reader, which AG-UI's client is, has to refuse exactly the fatal ones. Ours watches, so it is expected to
 * refuse none of them: it passes all on as they are, and what it records of them holds the contract.
 *
 * The streams here are ours, made by the corpus's rules. Where `LOCUS_AG_UI_CORPUS` names a folder with those of the corpus, they are
 * judged as well.
 */
import { readdir, readFile } from "node:fs/promises";
import process from "node:process";
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { EventBus } from "@locus/core";
import { fromAgUi } from "@locus/core/bridges/ag-ui";
import { skipWhen } from "../harness/support/requires.ts";
import { judgeAgUi } from "../screens/_judges.ts";
import { checkRun } from "./_contract.ts";
import { FATAL, FINE } from "./_ag_ui_streams.ts";

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
  test(`AG-UI's corpus: "${name}"`, async () => {
    const { stream, expect } = JSON.parse(await readFile(`${folder}/${name}`, "utf8"));
    await judge(stream, expect.outcome === "failed");
  });
}

for (const [streams, isFatal] of [[FATAL, true], [FINE, false]] as const) {
  for (const [name, stream] of Object.entries(streams)) {
    test(`AG-UI's rules: "${name}"`, () => judge(stream, isFatal));
  }
}

/** @param isFatal Whether AG-UI 1.1 has a consumer refuse the stream. */
async function judge(stream: readonly Event[], isFatal: boolean): Promise<void> {
  const refused: unknown = await judgeAgUi(stream as never).catch((error: unknown) => error);
  assertEquals(refused !== undefined, isFatal, String(refused));

  const bus = new EventBus();
  const source = (async function* () {
    yield* stream;
  })();
  assertEquals(await Array.fromAsync(fromAgUi(source, { bus, content: true })), [...stream]);
  const outcomes = bus.runs().map(({ run_id }) =>
    checkRun(bus, run_id).of("run.completed").at(-1)!.outcome
  );
  assertEquals(outcomes, outcomesOf(stream));
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
