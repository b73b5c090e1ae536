/**
 * What is promised of speed and size, and whether it is kept.
 *
 * Every value is a ratio or a difference within one run on one runtime: figures of different runs, or
 * machines, say nothing about each other.
 *
 * @module
 */
import type { CaseResult } from "../support/case.ts";
import type { CaseName } from "./cases.ts";
import type { BenchRuntime } from "./runtimes.ts";

/** One run of the cases on one runtime. */
export type Run = ReadonlyMap<CaseName, CaseResult>;

/** One thing that is promised. */
export interface Goal {
  /** The goal's number or name. */
  goal: string;
  text: string;
  sense: "at least" | "at most";
  wanted: number;
  unit: "x" | " ns" | " bytes" | " ms";
  /** The value in one run; undefined if it was not measured. */
  value(run: Run): number | undefined;
  /** Where it is promised; everywhere if nothing is said. */
  runtimes?: readonly BenchRuntime[];
}

const dense = "S=100 B=1";
const bursts = "S=100 B=50";

/** All goals. */
export const goals: readonly Goal[] = [
  faster("1", "publish than EventEmitter with a history", 1.6, "publish", "", [
    "Locus, publish",
    "EventEmitter",
  ]),
  faster("1", "publish than ReplaySubject(500)", 2.3, "publish", "", [
    "Locus, publish",
    "ReplaySubject(500)",
  ]),
  faster("2", "for await, 100 readers, than a ReadableStream each", 2.5, "iterate", dense, [
    "Locus, for await",
    "ReadableStream each",
  ]),
  faster("2", "for await, 100 readers, than createPubSub", 12, "iterate", dense, [
    "Locus, for await",
    "createPubSub",
  ]),
  faster("2", "for await, 100 readers, than events.on", 1, "iterate", dense, [
    "Locus, for await",
    "events.on",
  ]),
  faster("3", "batches, 100 readers, bursts of 50, than ReplaySubject", 1.7, "batches", bursts, [
    "Locus, batches",
    "ReplaySubject(500)",
  ]),
  faster("3", "batches, bursts of 50, than a ReadableStream each", 10, "batches", bursts, [
    "Locus, batches",
    "ReadableStream each",
  ]),
  faster("4", "100 handlers than ReplaySubject", 1, "handlers", dense, [
    "Locus, on",
    "ReplaySubject(500)",
  ]),
  faster("4", "100 handlers, bursts of 50, than ReplaySubject", 1.4, "handlers", bursts, [
    "Locus, on",
    "ReplaySubject(500)",
  ]),
  faster("5", "replay, for await, than a filled ReadableStream", 1.5, "replay", "", [
    "Locus, for await",
    "ReadableStream, filled before",
  ]),
  faster("5", "replay, batches, than ReplaySubject", 2, "replay", "", [
    "Locus, batches",
    "ReplaySubject(500)",
  ]),
  off("hot: above a context read", "emit_off", "emit", "context read", "ns", 3),
  off("hot: allocated", "emit_off", "emit", null, "bytes", 0),
  off("cold: above a context read", "emit_off_cold", "emit", "context read", "ns", 3),
  off("cold: allocated", "emit_off_cold", "emit", null, "bytes", 0),
  off("cold: above its arguments alone", "emit_off_cold", "emit", "arguments only", "ns", 3),
  off("cold: allocated by emit itself", "emit_off_cold", "emit, no literal", null, "bytes", 0),
  ...["1000 stalled iterators", "1000 stalled handlers"].map((subject) =>
    within("stalled_readers", "p99", subject, "no reader", 2)
  ),
  ...["200 runs", "10000 runs"].flatMap((subject) => [
    within("retained_runs", "p50", subject, "1 run", 1.3),
    within("retained_runs", "p99", subject, "1 run", 2),
  ]),
  // The caches of the processor alone are worth a factor here.
  within("retained_runs", "p50", "10000 runs, new", "200 runs, new", 2),
  faster("agent", "a turn with two tools than generateText", 2, "agent_loop", "", [
    "Locus, invoke",
    "AI SDK, generateText",
  ]),
  ...["1,000 in sequence", "loop of 10,000"].flatMap((shape) => [
    faster("graph", `${shape}, than LangGraph`, 20, "graph", shape, ["Locus", "LangGraph"]),
    faster("graph", `${shape}, stored, than LangGraph`, 10, "graph", shape, [
      "Locus, stored",
      "LangGraph, stored",
    ]),
  ]),
  ...["1,000 in sequence", "1,000 messages"].map((shape) => smaller(shape, 5)),
  ...["AI SDK 7", "AI SDK 6", "LangGraph", "Claude Agent SDK", "AG-UI"]
    .map((name) => costs(`${name}, token`, 500)),
  ...[
    "AI SDK 7",
    "AI SDK 6",
    "LangGraph",
    "Claude Agent SDK",
    "AG-UI",
    "OpenAI Agents",
    "OpenTelemetry",
  ].map((name) => costs(`${name}, event`, 3_000)),
  ...["handlers", "iterators"].map((kind) => later(`10 slow ${kind}`, 1)),
  {
    goal: "size",
    text: "mod.ts in a browser, gzip",
    sense: "at most",
    wanted: 10_000,
    unit: " bytes",
    value: (run) => figure(run, "size", "", "mod.ts", "bytes"),
    runtimes: ["deno"],
  },
  {
    goal: "import",
    text: "starting with mod.ts above an empty module",
    sense: "at most",
    wanted: 15,
    unit: " ms",
    value: (run) =>
      subtract(
        figure(run, "import_time", "", "mod.ts", "ms"),
        figure(run, "import_time", "", "empty module", "ms"),
      ),
    runtimes: ["deno", "bun"],
  },
];

/** Whether a value keeps a promise. What is below a tenth of a byte or so is the measuring itself. */
export function isMet({ sense, wanted, unit }: Goal, value: number): boolean {
  const slack = unit === " bytes" ? 0.5 : 0;
  return sense === "at least" ? value >= wanted : value <= wanted + slack;
}

/** How far a value is from keeping a promise: `12 % short`, `6.1 ns over`. */
export function shortfall({ sense, wanted, unit }: Goal, value: number): string {
  if (sense === "at least") return `${(100 * (1 - value / wanted)).toFixed(0)} % short`;
  if (unit === "x") return `${(100 * (value / wanted - 1)).toFixed(0)} % over`;
  return `${(value - wanted).toFixed(1)}${unit} over`;
}

function faster(
  goal: string,
  than: string,
  wanted: number,
  name: CaseName,
  setting: string,
  [ours, theirs]: [string, string],
): Goal {
  return {
    goal,
    text: `${than}, times faster`,
    sense: "at least",
    wanted,
    unit: "x",
    value: (run) =>
      divide(figure(run, name, setting, theirs, "ns"), figure(run, name, setting, ours, "ns")),
  };
}

function smaller(shape: string, wanted: number): Goal {
  const bytes = (run: Run, who: string) => figure(run, "graph", shape, `${who}, stored`, "bytes");
  return {
    goal: "graph",
    text: `${shape}, checkpoints than those of LangGraph, times smaller`,
    sense: "at least",
    wanted,
    unit: "x",
    value: (run) => divide(bytes(run, "LangGraph"), bytes(run, "Locus")),
  };
}

function costs(setting: string, wanted: number): Goal {
  const ns = (run: Run, who: string) => figure(run, "bridges", setting, who, "ns");
  return {
    goal: "bridge",
    text: `${setting}, above the framework alone`,
    sense: "at most",
    wanted,
    unit: " ns",
    value: (run) => subtract(ns(run, "with the bridge"), ns(run, "alone")),
  };
}

function off(
  text: string,
  name: CaseName,
  subject: string,
  base: string | null,
  unit: "ns" | "bytes",
  wanted: number,
): Goal {
  return {
    goal: "9",
    text: `emit without a run, ${text}`,
    sense: "at most",
    wanted,
    unit: ` ${unit}`,
    value: (run) =>
      subtract(
        figure(run, name, "", subject, unit),
        base === null ? 0 : figure(run, name, "", base, unit),
      ),
  };
}

function within(
  name: CaseName,
  percentile: "p50" | "p99",
  subject: string,
  base: string,
  wanted: number,
): Goal {
  return {
    goal: "10",
    text: `publish with ${subject}, ${percentile} relative to ${base}`,
    sense: "at most",
    wanted,
    unit: "x",
    value: (run) =>
      divide(figure(run, name, "", subject, percentile), figure(run, name, "", base, percentile)),
  };
}

function later(subject: string, wanted: number): Goal {
  return {
    goal: "agent",
    text: `the first token with ${subject}, later than with none`,
    sense: "at most",
    wanted,
    unit: " ms",
    value: (run) =>
      subtract(
        figure(run, "first_token", "", subject, "ms"),
        figure(run, "first_token", "", "no subscriber", "ms"),
      ),
  };
}

function figure(
  run: Run,
  name: CaseName,
  setting: string,
  subject: string,
  unit: string,
): number | undefined {
  const result = run.get(name);
  if (result === undefined) return undefined;
  const row = result.rows.find((row) => row.subject === subject && row.setting === setting);
  if (row === undefined) throw new Error(`${name} has no row "${subject}" with "${setting}"`);
  return row.figures[unit];
}

function divide(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a / b;
}

function subtract(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a - b;
}
