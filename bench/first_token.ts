/**
 * How much later the first token of an answer is seen because others watch the run and are slow.
 *
 * Method: an agent inside a run context, whose model streams at once; timed from the call of `run()` until its
 * consumer has the first text. Ten others read the same run, as handlers or as iterators, and spend 300 ms on
 * each event; they come before the run begins, and leave after the first token. `ms` is the median, `p99 ms`
 * the 99th percentile of 500 runs of each contender, in turns, in changing order, after 100 that do not count.
 *
 * Run alone: `deno run -A bench/first_token.ts`, or the same file with `bun` or `node`.
 */
import type { LanguageModelV4, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { EventBus, runContext } from "@locus/core";
import { Agent } from "@locus/core/agent";
import { runCase, verify } from "./support/case.ts";
import { alternate, median, percentile, settle } from "./support/rounds.ts";

const SUBSCRIBERS = 10;
const SLOW_MS = 300;

const agent = new Agent({ model: createModel() });
const pending = new Set<ReturnType<typeof setTimeout>>();
let taken = 0;

/** Begins to watch a run. @returns How to leave. */
type Watch = (bus: EventBus, run: string) => () => void;

const contenders: [subject: string, watch: Watch | null][] = [
  ["no subscriber", null],
  [`${SUBSCRIBERS} slow handlers`, (bus, run) => bus.on("*", beSlow, { run, concurrency: 1 })],
  [`${SUBSCRIBERS} slow iterators`, (bus, run) => {
    const abort = new AbortController();
    void (async () => {
      for await (const _ of bus.subscribe(run, { signal: abort.signal })) await beSlow();
    })();
    return () => abort.abort();
  }],
];

await runCase("the first token of an agent's answer: ms after run()", async ({ quick }) => {
  const times = new Map(contenders.map(([subject]) => [subject, [] as number[]]));
  const [warmup, rounds] = quick ? [1, 3] : [100, 500];
  for (let round = -warmup; round < rounds; round++) {
    for (const [subject, watch] of alternate(contenders, round + warmup)) {
      const before = taken;
      const ms = await timeFirstToken(`${subject.replaceAll(" ", "_")}-${round}`, watch);
      if (watch !== null) {
        verify(taken - before >= SUBSCRIBERS, () => `${taken - before} subscribers got an event`);
      }
      if (round >= 0) times.get(subject)!.push(ms);
    }
  }
  return Array.from(times, ([subject, samples]) => ({
    subject,
    setting: "",
    figures: { ms: median(samples), "p99 ms": percentile(samples, 99) },
  }));
});

async function timeFirstToken(runId: string, watch: Watch | null): Promise<number> {
  const bus = new EventBus();
  const leave = watch === null ? [] : Array.from({ length: SUBSCRIBERS }, () => watch(bus, runId));
  await settle();
  let ms = NaN;
  await runContext({ runId, bus }, async () => {
    const start = performance.now();
    for await (const event of agent.run("go")) {
      if (event.event_type !== "model_chunk" || !Number.isNaN(ms)) continue;
      ms = performance.now() - start;
    }
  });
  await settle();
  for (const off of leave) off();
  for (const timer of pending) clearTimeout(timer);
  pending.clear();
  return ms;
}

/** Takes 300 ms, unless the run is left before. */
function beSlow(): Promise<void> {
  taken++;
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, SLOW_MS);
    pending.add(timer);
  });
}

function createModel(): LanguageModelV4 {
  const parts: LanguageModelV4StreamPart[] = [
    { type: "stream-start", warnings: [] },
    { type: "text-start", id: "0" },
    { type: "text-delta", id: "0", delta: "Hello, " },
    { type: "text-delta", id: "0", delta: "you." },
    { type: "text-end", id: "0" },
    {
      type: "finish",
      finishReason: { unified: "stop", raw: "stop" },
      usage: {
        inputTokens: { total: 5, noCache: 5, cacheRead: 0, cacheWrite: 0 },
        outputTokens: { total: 3, text: 3, reasoning: 0 },
      },
    },
  ];
  return {
    specificationVersion: "v4",
    provider: "bench",
    modelId: "instant",
    supportedUrls: {},
    doGenerate: () => Promise.reject(new Error("This model only streams")),
    doStream: () => {
      let next = 0;
      const stream = new ReadableStream<LanguageModelV4StreamPart>({
        pull(controller) {
          const part = parts[next++];
          if (part === undefined) controller.close();
          else controller.enqueue(part);
        },
      });
      return Promise.resolve({ stream });
    },
  };
}
