/**
 * What a bridge costs its framework, for each event that it publishes and for each token that streams.
 *
 * Method: for each framework contenders that do the same: `alone`; `idle`, where a framework has hooks, with hooks that do
 * nothing; and `watched`, with the bridge in a run on a bus that nobody reads. All run until they are compiled, then take turns
 * in changing order. Time is that of all threads of the process, which other work on a machine hardly adds to; a figure is what
 * the best tenth of the rounds stays below. A setting that ends in `event` times calls with one model call and one tool, by the
 * number of events that the bus took of one; `token` times streams of 200 pieces, their spans included. `added` is what the
 * bridge takes: `watched` without `idle`, or without `alone` where there is none. Models are mocks that answer at once, so
 * that nothing hides it.
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

/** Who listens: nobody, hooks that do nothing, which is what the framework itself takes to call them, or the bridge. */
type Listener = "alone" | "idle" | "watched";

/** A program that does one call, or streams so many pieces. */
type Program = (tokens: number | null, listener: Listener) => Promise<unknown> | unknown;

const messagesOf = (tokens: number | null) =>
  tokens === null
    ? [...says([["c1", "weather", city]]), returns("c1", "18"), ...says("Fine."), result("Fine.")]
    : [...says(words(tokens)), result("")];

function aiSdk(
  ask: (settings: object, listener: Listener) => PromiseLike<unknown>,
  stream: (
    settings: object,
    listener: Listener,
  ) => { fullStream: AsyncIterable<unknown> },
  Model?: typeof MockLanguageModelV3,
): Program {
  return (tokens, listener) => {
    const turns = tokens === null ? [CALL, text("Fine.")] : [text(words(tokens))];
    const model = modelOf(turns, "mock", Model as never);
    const settings = { model, prompt: "hi", tools: { weather }, stopWhen: fiveTurns };
    return tokens === null ? ask(settings, listener) : drain(stream(settings, listener).fullStream);
  };
}

/** An object like this one, whose hooks are called as often, and do nothing. */
function idle<H extends object>(hooks: H): H {
  const members = new Map<PropertyKey, unknown>();
  for (const object of [hooks, Object.getPrototypeOf(hooks)]) {
    for (const key of Reflect.ownKeys(object)) {
      const { value } = Object.getOwnPropertyDescriptor(object, key)!;
      members.set(key, /^(on|handle)[A-Z]/.test(String(key)) ? () => {} : value);
    }
  }
  return Object.fromEntries(members) as H;
}

const telemetry = locusTelemetry();
const { executeLanguageModelCall: _, executeTool: __, ...others } = telemetry;
const integrations: Record<Listener, Telemetry[]> = {
  alone: [],
  idle: [idle(others as Telemetry)],
  watched: [telemetry],
};
const hooked = (listener: Listener) => ({ telemetry: { integrations: integrations[listener] } });
const wrapped = { ask: locusWrap(ai6.generateText), stream: locusWrap(ai6.streamText) };
const handler = new LocusHandler();
const callbacks: Record<Listener, LocusHandler[]> = {
  alone: [],
  idle: [Object.assign(idle(handler), { name: "idle" })],
  watched: [handler],
};
const watching = locusTraceProcessor() as TracingProcessor;
const none = () => Promise.resolve();
const processors: Record<Listener, TracingProcessor[]> = {
  alone: [],
  idle: [{
    onTraceStart: none,
    onTraceEnd: none,
    onSpanStart: none,
    onSpanEnd: none,
    shutdown: none,
    forceFlush: none,
  }],
  watched: [watching],
};
const tracers = {
  alone: new TracerProvider({ spanProcessors: [] }).getTracer("bench"),
  watched: new TracerProvider({ spanProcessors: [new LocusSpanProcessor()] }).getTracer("bench"),
};
/** Whose hooks cost something by being called. */
const HOOKED = ["AI SDK 7", "LangGraph", "OpenAI Agents"];

const programs: Readonly<Record<string, Program>> = {
  "AI SDK 7": aiSdk(
    (settings, listener) => generateText({ ...settings, ...hooked(listener) } as never),
    (settings, listener) => streamText({ ...settings, ...hooked(listener) } as never),
  ),
  "AI SDK 6": aiSdk(
    (settings, listener) =>
      (listener === "watched" ? wrapped.ask : ai6.generateText)(settings as never),
    (settings, listener) =>
      (listener === "watched" ? wrapped.stream : ai6.streamText)(settings as never),
    MockLanguageModelV3,
  ),
  async LangGraph(tokens, listener) {
    const turns = tokens === null
      ? [[langchain.call("c1", "weather", city)], "Fine."]
      : [words(tokens)];
    const graph = langchain.loop(new langchain.FakeModel(turns), [langchain.weather]);
    const config = { callbacks: callbacks[listener] };
    if (tokens === null) return await graph.invoke(langchain.hi as never, config);
    await drain(await graph.stream(langchain.hi as never, { ...config, streamMode: "messages" }));
  },
  "Claude Agent SDK": (tokens, listener) => {
    const query = new Replay(messagesOf(tokens));
    return drain(listener === "watched" ? watchQuery(query) : query);
  },
  "AG-UI": (tokens, listener) => {
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
    return drain(listener === "watched" ? fromAgUi(events) : events);
  },
  "OpenAI Agents": (_, listener) => {
    setTraceProcessors(processors[listener]);
    return withTrace("bench", () =>
      withAgentSpan(async () => {
        await withResponseSpan(async () => {}, { data: { _response: { output: [] } } } as never);
        await withFunctionSpan(async () => {}, { data: { name: "weather" } } as never);
      }, { data: { name: "main" } }));
  },
  OpenTelemetry: (_, listener) => {
    const tracer = tracers[listener === "watched" ? "watched" : "alone"];
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
const TOKENS = 200;
const WARM_MS = 2_000;
const WITHOUT_TOKENS = ["OpenAI Agents", "OpenTelemetry"];

const bus = new EventBus({ historyPerRun: 500 });
let run: Parameters<typeof recorderFor>[0] | undefined;

/** @param units How many events, or tokens, one call of the program has. */
function contender(
  program: Program,
  listener: Listener,
  tokens: number | null,
  units: number,
): Contender {
  return {
    subject: listener,
    run: (count) =>
      runContext({ runId: "bench", bus }, async (own) => {
        run = own;
        const calls = Math.ceil(count / units);
        const start = process.cpuUsage();
        for (let n = 0; n < calls; n++) await program(tokens, listener);
        const { user, system } = process.cpuUsage(start);
        return (user + system) / 1_000 * count / (calls * units);
      }),
  };
}

await runCase("bridges beside their frameworks alone: ns an event or a token.", async (effort) => {
  // So many pairs would take minutes.
  const short = { ...effort, roundMs: effort.roundMs * 0.4 };
  const rows: Row[] = [];
  for (const [name, program] of Object.entries(programs)) {
    const before = bus.stats().published_events_total;
    await contender(program, "watched", null, 1).run(1);
    const events = bus.stats().published_events_total - before;
    verify(events >= 5, () => `the bridge to ${name} published ${events} events`);
    for (const [unit, units] of [["event", events], ["token", TOKENS]] as const) {
      const setting = `${name}, ${unit}`;
      if (unit === "token" && WITHOUT_TOKENS.includes(name) || !effort.takesSetting(setting)) {
        continue;
      }
      const tokens = unit === "token" ? TOKENS : null;
      // The recorder is nobody's: there is nothing to be alone.
      const listeners: Listener[] = name === "recorder" ? [] : ["alone"];
      if (HOOKED.includes(name)) listeners.push("idle");
      const contenders = [...listeners, "watched" as const]
        .map((listener) => contender(program, listener, tokens, units));
      if (!effort.quick) { for (const one of contenders) await warm(one, units); }
      const timings = await compare(contenders, short, units);
      const [alone, idle, watched = NaN] = ["alone", "idle", "watched"]
        .map((subject) => timings.get(subject)?.p10);
      const figures: Row["figures"] = {
        ...alone !== undefined && { alone },
        ...idle !== undefined && { idle },
        watched,
        added: watched - (idle ?? alone ?? 0),
      };
      rows.push({ subject: "", setting, figures });
    }
  }
  return rows;
});

/** Runs until everything is compiled as far as it gets. */
async function warm({ run }: Contender, step: number): Promise<void> {
  for (let ms = 0; ms < WARM_MS;) ms += await run(step * 16);
}
