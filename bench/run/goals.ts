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
import { divide, figure, subtract } from "./figures.ts";
import type { BenchRuntime } from "./runtimes.ts";
import { speedGoals } from "./speed_goals.ts";

/** One run of the cases on one runtime. */
export type Run = ReadonlyMap<CaseName, CaseResult>;

/** One thing that is promised. */
export interface Goal {
  /** The goal's number or name. */
  goal: string;
  text: string;
  sense: "at least" | "at most";
  wanted: number;
  unit: "x" | " ns" | " µs" | " bytes" | " ms" | " a second";
  /** The value in one run; undefined if it was not measured. */
  value(run: Run): number | undefined;
  /** Why it is missed where it is. */
  why?: string;
  /** Where it is promised; everywhere if nothing is said. */
  runtimes?: readonly BenchRuntime[];
}

/** All goals. */
export const goals: readonly Goal[] = [
  ...speedGoals,
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
