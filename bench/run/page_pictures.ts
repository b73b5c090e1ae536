/**
 * The five pictures of the page: what users ask about first.
 *
 * @module
 */
import { figure } from "./figures.ts";
import { type BarGroup, bars, lines } from "./pictures.ts";
import type { BenchRuntime } from "./runtimes.ts";
import { medianResult, type Runs } from "./summary.ts";
import type { CaseName } from "./cases.ts";

/** A picture, with what it says. */
export interface Picture {
  readonly file: string;
  readonly title: string;
  readonly text: string;
  readonly svg: string;
}

const names: Record<string, string> = {
  locus: "Locus",
  raw: "bare writes",
  raw_batch: "bare writes",
  enqueue: "bare web streams",
  better_sse: "better-sse",
  hono_stream_sse: "Hono's streamSSE",
};
const runtimeTitles: Record<BenchRuntime, string> = { node: "Node", deno: "Deno", bun: "Bun" };

/** Those of which there are figures. */
export function pagePictures(runs: Runs): Picture[] {
  const get = (
    runtime: BenchRuntime,
    name: CaseName,
    setting: string,
    subject: string,
    unit: string,
  ) => {
    const result = medianResult(runs.get(runtime) ?? [], name);
    return result && figure(new Map([[name, result]]), name, setting, subject, unit);
  };
  const runtimes = [...runs.keys()];
  const groupsOf = (
    name: CaseName,
    setting: string,
    subjects: readonly string[],
    unit: string,
    divisor: number,
  ): BarGroup[] =>
    runtimes.flatMap((runtime) => {
      const own = subjects.flatMap((subject) => {
        const value = get(runtime, name, setting, subject, unit);
        if (value === undefined) return [];
        const isOurs = subject === "locus" || subject === "emit";
        return [{ label: names[subject] ?? subject, value: value / divisor, isOurs }];
      });
      return own.length === 0 ? [] : [{ title: runtimeTitles[runtime], bars: own }];
    });
  const servers = ["locus", "raw_batch", "enqueue", "better_sse", "hono_stream_sse"];
  const setting = "one run, ten at a time";
  const cpu = groupsOf("viewers", setting, servers, "µs", 1);
  const memory = groupsOf("viewers", setting, servers, "bytes", 1000);
  const counts = ["no reader", ...[10, 100, 1000].map((count) => `${count} stalled iterators`)];
  const stalled = seriesOf(
    runtimes,
    (runtime) => runtimeTitles[runtime],
    (runtime) => counts.map((count) => get(runtime, "stalled_readers", "", count, "p50")),
  );
  const viewers = ["1", "100", "1000"];
  const delays = seriesOf(
    ["locus", "raw", "better_sse", "hono_stream_sse"],
    (subject) => names[subject]!,
    (subject) =>
      viewers.map((count) => get("node", "token_to_screen", `${count} viewers`, subject, "ms")),
  );
  const off = groupsOf("emit_off", "", ["emit", "context read", "arguments only"], "ns", 1);
  const all: [
    file: string,
    title: string,
    text: string,
    svg: ((title: string) => string) | null,
  ][] = [
    [
      "cpu_per_1000_viewers",
      "CPU of the server for one event to 1000 viewers",
      "Ten events come in each turn of the event loop, all viewers watch one run.",
      cpu.length === 0 ? null : (title) => bars(title, "ms", cpu),
    ],
    [
      "memory_per_viewer",
      "Memory that an idle viewer holds",
      "Heap and buffers of the server, after collections.",
      memory.length === 0 ? null : (title) => bars(title, "kB", memory),
    ],
    [
      "stalled_readers",
      "A publish beside readers that do not read",
      "The median, by the number of readers that took one event and never ask for the next. Each of them keeps its place, " +
      "and is told later what it missed.",
      stalled.length === 0
        ? null
        : (title) =>
          lines(title, "ns", { title: "stalled readers", counts: counts.map(digits) }, stalled),
    ],
    [
      "token_to_screen",
      "From a token to a viewer's process, by viewers",
      "The median at 20 tokens a second on Node, by the number of viewers of the run. They share one process, so a part of the " +
      "time with 1000 is theirs.",
      delays.length === 0
        ? null
        : (title) => lines(title, "ms", { title: "viewers", counts: viewers }, delays),
    ],
    [
      "off",
      "An emit where nobody watches",
      "In a hot loop, beside reading an AsyncLocalStorage and beside a function that does nothing with the same arguments.",
      off.length === 0 ? null : (title) => bars(title, "ns", off),
    ],
  ];
  return all.flatMap(([file, title, text, draw]) =>
    draw === null ? [] : [{ file: `${file}.svg`, title, text, svg: draw(title) }]
  );
}

/** Lines of which all figures are known. */
function seriesOf<T>(
  keys: readonly T[],
  labelOf: (key: T) => string,
  valuesOf: (key: T) => (number | undefined)[],
) {
  return keys.flatMap((key) => {
    const values = valuesOf(key).filter((value) => value !== undefined);
    return values.length < valuesOf(key).length ? [] : [{ label: labelOf(key), values }];
  });
}

function digits(text: string): string {
  return /^\d+/.exec(text)?.[0] ?? "0";
}
