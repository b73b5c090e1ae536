/**
 * How fast content is made fit for an event: secrets taken out, copied, measured, stored.
 *
 * Method: each subject is a megabyte, published as one message after another of 3,000 characters, as conversations
 * are, or as one text; the median of the rounds, in turns. `MB/s` is characters a microsecond. The texts are ordinary
 * prose, code and JSON of this repository, and what is hardest on a search for secrets: openings without an end.
 * Control: the same messages without content, which costs reading `run.content`.
 *
 * Run alone: `deno run -A bench/content.ts`, or the same file with `bun` or `node`.
 */
import { readFile } from "node:fs/promises";
import { EventBus, type Run, runContext } from "@locus/core";
import { publishContent, publishMessages } from "../src/content/publish_content.ts";
import { type Row, runCase, verify } from "./support/case.ts";
import { alternate, median } from "./support/rounds.ts";

const SIZE = 1_000_000;
const place = { span_id: "00f067aa0ba902b7", direction: "input" } as const;

const read = (path: string) => readFile(new URL(`../${path}`, import.meta.url), "utf8");
const ordinary = {
  prose: await read("ARCHITECTURE.md"),
  code: await read("src/core/bus/event_bus.ts"),
  JSON: await read("docs/asyncapi.json"),
};
const hostile = ['"password":', "sk-", "key: ", "eyJ", "-----BEGIN ", "<token>", "a=b&", "{"];

function filled(text: string): string {
  return text.repeat(Math.ceil(SIZE / text.length)).slice(0, SIZE);
}

function messagesOf(text: string): string[] {
  return Array.from({ length: SIZE / 3_000 }, (_, n) => text.slice(n * 3_000, (n + 1) * 3_000));
}

function publishAll(run: Run, messages: readonly string[]): void {
  for (const content of messages) {
    if (!run.content) continue;
    publishMessages(run, place, [{ role: "user", parts: [{ type: "text", content }] }]);
  }
}

const subjects: [subject: string, setting: string, publish: (run: Run) => void][] = [
  ...Object.entries(ordinary).flatMap(([name, text]): typeof subjects => {
    const whole = filled(text);
    const messages = messagesOf(whole);
    return [[name, "messages of 3 kB", (run) => publishAll(run, messages)]];
  }),
  ...hostile.map((piece): (typeof subjects)[number] => {
    const text = filled(piece);
    return [JSON.stringify(piece), "one text", (run) => publishContent(run, place, "text", text)];
  }),
];

await runCase("content: made fit for an event, and stored", ({ quick, rounds }) => {
  const times = new Map(subjects.map(([subject]) => [subject, [] as number[]]));
  const off: number[] = [];
  const messages = messagesOf(filled(ordinary.prose));
  for (let round = 0; round < (quick ? 1 : rounds); round++) {
    for (const [subject, , publish] of alternate(subjects, round)) {
      // Room for a whole megabyte: otherwise only its beginning would be searched.
      const bus = new EventBus({ content: true, maxEventBytes: 4 * SIZE, historyPerRun: 1_000 });
      const start = performance.now();
      runContext({ bus }, publish);
      times.get(subject)!.push(performance.now() - start);
      verify(bus.stats().published_events_total > 0, () => `${subject} was not published`);
    }
    const start = performance.now();
    runContext({ bus: new EventBus() }, (run) => publishAll(run, messages));
    off.push(performance.now() - start);
  }
  const rows = subjects.map(([subject, setting]): Row => {
    const ms = median(times.get(subject)!);
    return { subject, setting, figures: { "ms a MB": ms, "MB/s": SIZE / 1_000 / ms } };
  });
  return [...rows, {
    subject: "off",
    setting: "messages of 3 kB",
    figures: { "ms a MB": median(off) },
  }];
});
