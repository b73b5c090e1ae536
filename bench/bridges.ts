/**
 * What a bridge costs its framework, for each event that it publishes and for each token that streams.
 *
 * Method: for each framework two contenders, which do the same: alone, and with the bridge in a run on a bus that nobody reads.
 * They take turns in changing order; `ns` is the median of the rounds, in time of the processor, which a machine that has
 * other work does not add to. A setting that ends in `event` times calls with one model
 * call and one tool, by the number of events that the bridge publishes of one; `token` times streams of 200 pieces. The difference
 * of both contenders is the bridge's. Models are mocks that answer at once, so that nothing hides it.
 *
 * Run alone: `deno run -A bench/bridges.ts`, or the same file with `bun` or `node`.
 */
import process from "node:process";
import {
  setTraceProcessors,
  setTracingDisabled,
  type TracingProcessor,
  withAgentSpan,
  withFunctionSpan,
  withResponseSpan,
  withTrace,
} from "@openai/agents";
import { TracerProvider } from "@opentelemetry/sdk-trace";
import { generateText, streamText, type Telemetry } from "ai";
import * as ai6 from "ai-6";
import { MockLanguageModelV3 } from "ai-6/test";
import { EventBus, runContext } from "@locus/core";
import { fromAgUi } from "../src/bridges/ag_ui.ts";
import { locusTelemetry } from "../src/bridges/ai_sdk.ts";
import { locusWrap } from "../src/bridges/ai_sdk_6.ts";
import { watchQuery } from "../src/bridges/claude_agent.ts";
import { LocusHandler } from "../src/bridges/langchain.ts";
import { locusTraceProcessor } from "../src/bridges/openai_agents.ts";
import { LocusSpanProcessor } from "../src/bridges/otel_spans.ts";
import { recorderFor } from "../src/bridges/write_your_own.ts";
import { calls, fiveTurns, modelOf, text, weather } from "../tests/bridges/_ai_sdk.ts";
import { Replay, result, returns, says } from "../tests/bridges/_claude_agent.ts";
import * as langchain from "../tests/bridges/_langchain.ts";
import { type Row, runCase, verify } from "./support/case.ts";
import { compare, type Contender } from "./support/rounds.ts";

setTracingDisabled(false);
const city = { city: "Oslo" };
const CALL = calls(["c1", "weather", city]);
const words = (count: number) => "word ".repeat(count).trimEnd();

async function drain(parts: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of parts);
}

/** A program that does one call, or streams so many pieces: alone, and watched. */
type Program = (tokens: number | null, isWatched: boolean) => Promise<unknown> | unknown;

const messagesOf = (tokens: number | null) =>
  tokens === null
    ? [...says([["c1", "weather", city]]), returns("c1", "18"), ...says("Fine."), result("Fine.")]
    : [...says(words(tokens)), result("")];

function aiSdk(
  ask: (settings: object, isWatched: boolean) => PromiseLike<unknown>,
  stream: (
    settings: object,
    isWatched: boolean,
  ) => { fullStream: AsyncIterable<unknown> },
  Model?: typeof MockLanguageModelV3,
): Program {
  return (tokens, isWatched) => {
    const turns = tokens === null ? [CALL, text("Fine.")] : [text(words(tokens))];
    const model = modelOf(turns, "mock", Model as never);
    const settings = { model, prompt: "hi", tools: { weather }, stopWhen: fiveTurns };
    return tokens === null
      ? ask(settings, isWatched)
      : drain(stream(settings, isWatched).fullStream);
  };
}

const integrations: Telemetry[] = [locusTelemetry()];
const hooked = (isWatched: boolean) => ({
  telemetry: { integrations: isWatched ? integrations : [] },
});
const wrapped = { ask: locusWrap(ai6.generateText), stream: locusWrap(ai6.streamText) };
const handler = new LocusHandler();
const tracers = [[], [new LocusSpanProcessor()]].map((spanProcessors) =>
  new TracerProvider({ spanProcessors }).getTracer("bench")
);

const programs: Readonly<Record<string, Program>> = {
  "AI SDK 7": aiSdk(
    (settings, isWatched) => generateText({ ...settings, ...hooked(isWatched) } as never),
    (settings, isWatched) => streamText({ ...settings, ...hooked(isWatched) } as never),
  ),
  "AI SDK 6": aiSdk(
    (settings, isWatched) => (isWatched ? wrapped.ask : ai6.generateText)(settings as never),
    (settings, isWatched) => (isWatched ? wrapped.stream : ai6.streamText)(settings as never),
    MockLanguageModelV3,
  ),
  async LangGraph(tokens, isWatched) {
    const turns = tokens === null
      ? [[langchain.call("c1", "weather", city)], "Fine."]
      : [words(tokens)];
    const graph = langchain.loop(new langchain.FakeModel(turns), [langchain.weather]);
    const config = { callbacks: isWatched ? [handler] : [] };
    if (tokens === null) return await graph.invoke(langchain.hi as never, config);
    await drain(await graph.stream(langchain.hi as never, { ...config, streamMode: "messages" }));
  },
  "Claude Agent SDK": (tokens, isWatched) => {
    const query = new Replay(messagesOf(tokens));
    return drain(isWatched ? watchQuery(query) : query);
  },
  "AG-UI": (tokens, isWatched) => {
    const pieces = Array.from({ length: tokens ?? 1 }, () => (
      { type: "TEXT_MESSAGE_CONTENT", messageId: "m", delta: "word " }
    ));
    const events = (async function* () {
      yield { type: "RUN_STARTED", threadId: "t", runId: "r" };
      yield { type: "TOOL_CALL_START", toolCallId: "c1", toolCallName: "weather" };
      yield { type: "TOOL_CALL_RESULT", toolCallId: "c1", content: "18" };
      yield { type: "TEXT_MESSAGE_START", messageId: "m" };
      yield* pieces;
      yield { type: "TEXT_MESSAGE_END", messageId: "m" };
      yield { type: "RUN_FINISHED", threadId: "t", runId: "r" };
    })();
    return drain(isWatched ? fromAgUi(events) : events);
  },
  "OpenAI Agents": (_, isWatched) => {
    setTraceProcessors(isWatched ? [agents] : [silent]);
    return withTrace("bench", () =>
      withAgentSpan(async () => {
        await withResponseSpan(async () => {}, { data: { _response: { output: [] } } } as never);
        await withFunctionSpan(async () => {}, { data: { name: "weather" } } as never);
      }, { data: { name: "main" } }));
  },
  OpenTelemetry: (_, isWatched) => {
    const tracer = tracers[Number(isWatched)]!;
    for (const operation of ["invoke_agent", "chat", "execute_tool"]) {
      const attributes = { "gen_ai.operation.name": operation, "gen_ai.request.model": "mock" };
      tracer.startSpan(operation, { attributes }).end();
    }
  },
  recorder(tokens) {
    const recorder = recorderFor(run!, "bench");
    recorder.open("agent", "a", { name: "main" });
    recorder.open("model", "m", { name: "mock", parent: "a" });
    for (let n = 0; n < (tokens ?? 1); n++) recorder.delta("m", "word ");
    recorder.close("m", { finish: "stop", usage: { input: 5, output: 3 } });
    recorder.open("tool", "t", { name: "weather", parent: "a", args: city });
    recorder.close("t", { output: "18" });
    recorder.close("a");
  },
};
const agents = locusTraceProcessor() as TracingProcessor;
const none = () => Promise.resolve();
const silent: TracingProcessor = {
  onTraceStart: none,
  onTraceEnd: none,
  onSpanStart: none,
  onSpanEnd: none,
  shutdown: none,
  forceFlush: none,
};
const TOKENS = 200;
const WITHOUT_TOKENS = ["OpenAI Agents", "OpenTelemetry"];

const bus = new EventBus({ historyPerRun: 500 });
let run: Parameters<typeof recorderFor>[0] | undefined;

/** @param units How many events, or tokens, one call of the program has. */
function contender(
  program: Program,
  isWatched: boolean,
  tokens: number | null,
  units: number,
): Contender {
  return {
    subject: isWatched ? "with the bridge" : "alone",
    run: (count) =>
      runContext({ runId: "bench", bus }, async (own) => {
        run = own;
        const calls = Math.ceil(count / units);
        const start = process.cpuUsage();
        for (let n = 0; n < calls; n++) await program(tokens, isWatched);
        const { user, system } = process.cpuUsage(start);
        return (user + system) / 1_000 * count / (calls * units);
      }),
  };
}

await runCase("bridges beside their frameworks alone: ns an event or a token.", async (effort) => {
  // So many pairs would take minutes.
  const short = { ...effort, rounds: Math.min(effort.rounds, 5), roundMs: effort.roundMs * 0.4 };
  const rows: Row[] = [];
  for (const [name, program] of Object.entries(programs)) {
    const before = bus.stats().published_events_total;
    await contender(program, true, null, 1).run(1);
    const events = bus.stats().published_events_total - before;
    verify(events >= 5, () => `the bridge to ${name} published ${events} events`);
    for (const [unit, units] of [["event", events], ["token", TOKENS]] as const) {
      if (unit === "token" && WITHOUT_TOKENS.includes(name)) continue;
      const tokens = unit === "token" ? TOKENS : null;
      // The recorder is nobody's: there is nothing to be alone.
      const pair = (name === "recorder" ? [true] : [false, true])
        .map((isWatched) => contender(program, isWatched, tokens, units));
      for (
        const [subject, { ns, min }] of await compare(pair, short, units)
      ) {
        rows.push({ subject, setting: `${name}, ${unit}`, figures: { ns, "min ns": min } });
      }
    }
  }
  return rows;
});
