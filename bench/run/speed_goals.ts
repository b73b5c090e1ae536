/**
 * What is promised of viewers (S), of the bus (B), of the agent's loop (A), of what is off or stands still (O), and of size (Z).
 *
 * Not here, because no case of this command measures them: bursts of 20, resident memory, the cost of opening and the first byte
 * (`bench/sse`), and the server's CPU on Redis (`bench/transports`).
 *
 * @module
 */
import type { CaseName } from "./cases.ts";
import { divide, figure, subtract } from "./figures.ts";
import type { Goal, Run } from "./goals.ts";
import type { BenchRuntime } from "./runtimes.ts";

type Figure = (run: Run) => number | undefined;

const dense = "S=100 B=1";
const bursts = "S=100 B=50";
const single = "one run, one at a time";
const ten = "one run, ten at a time";
const each = "a run each";
const peers =
  "Beside peers that call back in the publisher's context, without bound, history or isolation.";

const viewers = (setting: string, subject: string, unit = "µs") =>
  of("viewers", setting, subject, unit);

/** All of them. */
export const speedGoals: readonly Goal[] = [
  ...[single, ten].map((setting) =>
    atMost("S1", `1000 viewers, ${setting}: CPU beside one bare write a burst`, 0.9, "x", {
      value: over(viewers(setting, "locus"), viewers(setting, "raw_batch")),
      runtimes: ["node"],
      why: "Reading the log and making each chunk come on top of the bare write.",
    })
  ),
  atLeast("S1", "1000 viewers, ten at a time: times less CPU than Hono's streamSSE", 15, "x", {
    value: over(viewers(ten, "hono_stream_sse"), viewers(ten, "locus")),
    runtimes: ["node"],
  }),
  atLeast("S1", "1000 viewers, ten at a time: times less CPU than better-sse", 5, "x", {
    value: over(viewers(ten, "better_sse"), viewers(ten, "locus")),
    runtimes: ["node"],
  }),
  ...([["deno", 1.15], ["bun", 1.1]] as const).flatMap(([runtime, wanted]) =>
    [single, ten].map((setting) =>
      atMost("S2", `1000 viewers, ${setting}: CPU beside bare enqueues`, wanted, "x", {
        value: over(viewers(setting, "locus"), viewers(setting, "enqueue")),
        runtimes: [runtime],
        why: "A viewer is woken and pulls; the bare enqueue has no back-pressure to keep.",
      })
    )
  ),
  atMost("S3", "1000 runs with a viewer each: CPU beside bare writes", 1.1, "x", {
    value: over(viewers(each, "locus"), viewers(each, "raw_batch")),
    runtimes: ["node"],
    why: "The bus keeps, numbers and freezes each event for a sole reader, too.",
  }),
  atMost("S3", "1000 runs with a viewer each: CPU beside better-sse", 1, "x", {
    value: over(viewers(each, "locus"), viewers(each, "better_sse")),
    runtimes: ["node"],
  }),
  atMost("S4", "an idle viewer: heap and buffers", 8_000, " bytes", {
    value: viewers(ten, "locus", "bytes"),
    runtimes: ["node"],
    why: "A web stream and its reader are most of it.",
  }),
  ...([[single, 180_000], [ten, 1_700_000]] as const).map(([setting, wanted]) =>
    atLeast("S5", `frames to 1000 viewers a second of CPU, ${setting}`, wanted, " a second", {
      value: (run) => divide(1e6, viewers(setting, "locus")(run)),
      runtimes: ["node"],
      why: "As S1; and it is the machine's figure, not a ratio.",
    })
  ),
  atMost("B1", "publish, without reading the clock", 30, " ns", {
    value: minus(
      of("publish", "", "Locus, publish"),
      of("publish", "", "(only reading the clock)"),
    ),
    why:
      "The copy of the payload is most of it: without it a publisher could change what others have read.",
  }),
  atLeast("B2", "for await, 100 readers: times faster than events.on", 1, "x", {
    value: over(of("iterate", dense, "events.on"), of("iterate", dense, "Locus, for await")),
  }),
  ...([["node", 1.4], ["deno", 2.5], ["bun", 1.7]] as const).map(([runtime, wanted]) =>
    atLeast("B3", "batches, bursts of 50: times faster than ReplaySubject", wanted, "x", {
      value: over(
        of("batches", bursts, "ReplaySubject(500)"),
        of("batches", bursts, "Locus, batches"),
      ),
      runtimes: [runtime],
      why: "Much of the time is the readers' own loop over the events.",
    })
  ),
  atLeast("B3", "batches, bursts of 50: times faster than a ReadableStream each", 10, "x", {
    value: over(
      of("batches", bursts, "ReadableStream each"),
      of("batches", bursts, "Locus, batches"),
    ),
    why: "As above; how fast the peer is depends on the runtime's streams.",
  }),
  atLeast("B4", "handlers, bursts of 50: times faster than ReplaySubject", 1.4, "x", {
    value: over(of("handlers", bursts, "ReplaySubject(500)"), of("handlers", bursts, "Locus, on")),
    why: peers,
  }),
  atMost("B4", "handlers, one at a time: a handler", 25, " ns", {
    value: (run) => divide(of("handlers", dense, "Locus, on")(run), 100),
    runtimes: ["bun"],
    why:
      "A handler runs in the async context of whoever registered it, and is woken by a promise for that.",
  }),
  atMost("B5", "500 events to a late reader, in batches", 5, " µs", {
    value: (run) => divide(of("replay", "", "Locus, batches")(run), 2),
  }),
  atLeast(
    "B5",
    "500 events to a late reader: times faster than a filled ReadableStream",
    1.7,
    "x",
    {
      value: over(
        of("replay", "", "ReadableStream, filled before"),
        of("replay", "", "Locus, for await"),
      ),
      why: "The iterators of the runtimes' own streams have become fast.",
    },
  ),
  atMost("B6", "a new run where 10,000 are kept, beside 200", 1.3, "x", {
    value: over(
      of("retained_runs", "", "10000 runs, new", "p50"),
      of("retained_runs", "", "200 runs, new", "p50"),
    ),
    why: "Which run is forgotten is looked for among all that are kept.",
  }),
  atMost("B6", "a new run where 10,000 are kept", 5, " µs", {
    value: (run) => divide(of("retained_runs", "", "10000 runs, new", "p50")(run), 1000),
    why: "As above.",
  }),
  atMost("A1", "a turn of the agent with two tools", 25, " µs", {
    value: (run) => divide(of("agent_loop", "", "Locus, run")(run), 1000),
    runtimes: ["node"],
    why: "Copies and freezing of what the turn hands on.",
  }),
  atMost("A1", "the same on a bus, beside none", 1.15, "x", {
    value: over(
      of("agent_loop", "", "Locus, run on a bus"),
      of("agent_loop", "", "Locus, run"),
    ),
    why: "A turn publishes a dozen events, each copied and kept.",
  }),
  atMost("O1", "emit without a run, above a context read", 3, " ns", {
    value: minus(of("emit_off", "", "emit"), of("emit_off", "", "context read")),
    why:
      "All subjects of the case are slower in some processes on Deno and Bun, one that does nothing included.",
  }),
  atMost("O1", "emit without a run: allocated", 0, " bytes", {
    value: of("emit_off", "", "emit", "bytes"),
  }),
  ...["1000 stalled iterators", "1000 stalled handlers"].map((subject) =>
    atMost("O2", `publish with ${subject}, p99 beside no reader`, 2, "x", {
      value: over(
        of("stalled_readers", "", subject, "p99"),
        of("stalled_readers", "", "no reader", "p99"),
      ),
    })
  ),
  atMost("O2", "publish where 10,000 runs are kept, p50 beside 1 run", 1.3, "x", {
    value: over(
      of("retained_runs", "", "10000 runs", "p50"),
      of("retained_runs", "", "1 run", "p50"),
    ),
  }),
  atMost("Z1", "mod.ts in a browser, gzip", 12_288, " bytes", {
    value: of("size", "", "mod.ts", "bytes"),
    runtimes: ["deno"],
  }),
];

/** What a goal is about. */
interface About {
  value: Figure;
  runtimes?: readonly BenchRuntime[];
  why?: string;
}

function atMost(
  goal: string,
  text: string,
  wanted: number,
  unit: Goal["unit"],
  about: About,
): Goal {
  return { goal, text, sense: "at most", wanted, unit, ...about };
}

function atLeast(
  goal: string,
  text: string,
  wanted: number,
  unit: Goal["unit"],
  about: About,
): Goal {
  return { goal, text, sense: "at least", wanted, unit, ...about };
}

function of(name: CaseName, setting: string, subject: string, unit = "ns"): Figure {
  return (run) => figure(run, name, setting, subject, unit);
}

function over(a: Figure, b: Figure): Figure {
  return (run) => divide(a(run), b(run));
}

function minus(a: Figure, b: Figure): Figure {
  return (run) => subtract(a(run), b(run));
}
