import {
  currentRun,
  defineEvents,
  enterSpan,
  EventBus,
  getEventBus,
  runContext,
  setEventBus,
  startRun,
  withRun,
  withSpan,
} from "@locus/core";
import { CoordinationBus } from "@locus/core/coordination";
import { type Mistake, mistakes, wrong } from "./_mistakes.ts";

const bus = new EventBus();
const run = runContext({ runId: "r1", bus }, (run) => run);
const fn = () => {};
const PROMISE = "a promise; is `await` missing?";
const CLASS = "a class; is `new` missing?";

const noBounds: readonly [what: string, value: unknown, shown: string][] = [
  ["zero", 0, "0"],
  ["a negative number", -1, "-1"],
  ["a fraction", 1.5, "1.5"],
  ["NaN", NaN, "NaN"],
  ["Infinity", Infinity, "Infinity"],
  ["a number as text", "5", '"5"'],
  ["null", null, "null"],
];

mistakes("EventBus", [
  ["null", () => new EventBus(wrong(null)), "options must be an object, got null"],
  ["a number", () => new EventBus(wrong(500)), "options must be an object, got 500"],
  ["a bus", () => new EventBus(wrong(bus)), "options must be an object, got an event bus"],
  ["a promise", () => new EventBus(wrong(Promise.resolve({}))), PROMISE],
  ["a typo", () => new EventBus(wrong({ maxRuns: 1 })), 'did you mean "maxRunsRetained"?'],
  ["snake case", () => new EventBus(wrong({ max_bytes: 1 })), 'did you mean "maxBytes"?'],
  ...noBounds.map(([what, value, shown]): Mistake => [
    what,
    () => new EventBus({ historyPerRun: wrong(value) }),
    `"historyPerRun" must be a whole number of at least 1, got ${shown}`,
  ]),
  ["no function", () => new EventBus({ onError: wrong("log") }), '"onError" must be a function'],
  ["null for a function", () => new EventBus({ onError: wrong(null) }), '"onError" must be a func'],
  ["schemas as events", () => new EventBus({ events: wrong({}) }), "what defineEvents() returns"],
]);

const badRunIds: readonly [what: string, value: unknown, shown: string][] = [
  ["nothing", undefined, "undefined"],
  ["null", null, "null"],
  ["a number", 42, "42"],
  ["an empty text", "", '""'],
  ["a space", "order 42", '"order 42"'],
  ["a run", { id: "r1" }, "an object"],
  ["a promise", Promise.resolve("r1"), PROMISE],
];

for (
  const [owner, call] of [
    ["EventBus.subscribe()", (id: never) => bus.subscribe(id)],
    ["EventBus.writer()", (id: never) => bus.writer(id)],
    ["EventBus.closeStream()", (id: never) => bus.closeStream(id)],
    ["EventBus.dropHistory()", (id: never) => bus.dropHistory(id)],
    ["EventBus.drained()", (id: never) => bus.drained(id)],
    ["EventBus.append()", (id: never) => bus.append(id, [])],
    ["EventBus.claim()", (id: never) => bus.claim(id, "p")],
  ] as const
) {
  mistakes(
    owner,
    badRunIds.map(([what, value, shown]): Mistake => [what, () => call(wrong(value)), shown]),
  );
}

mistakes("EventBus.subscribe()", [
  ["an event id", () => bus.subscribe("r1", wrong("a-1")), 'options must be an object, got "a-1"'],
  ["a number as cursor", () => bus.subscribe("r1", { after: wrong(3) }), '"after" must be'],
  [
    "a wrong start",
    () => bus.subscribe("r1", { from: wrong("start") }),
    '"from" must be "history", "live"',
  ],
  ["a signal", () => bus.subscribe("r1", wrong(AbortSignal.abort())), "did you mean { signal }?"],
  [
    "a controller",
    () => bus.subscribe("r1", { signal: wrong(new AbortController()) }),
    '"signal" must be an AbortSignal, got an AbortController; did you mean its .signal?',
  ],
  ["an empty selection", () => bus.subscribe("r1", { select: "" }), '"select" must be'],
  ["a wrong pattern", () => bus.subscribe("r1", { select: "agent*" }), '"select" must be'],
  ["null as selection", () => bus.subscribe("r1", { select: wrong(null) }), "got null"],
  ["a filter", () => bus.subscribe("r1", { select: wrong({ type: "a" }) }), "got an object"],
  ["a function", () => bus.subscribe("r1", wrong(fn)), "options must be an object, got a function"],
]);

const event = { run_id: "r1", event_type: "shop.paid", data: {} };
const by = (producer: unknown) => () => bus.append("r1", [], { producer: wrong(producer) });

mistakes("EventBus.append()", [
  ["an event alone", () => bus.append("r1", wrong(event)), "an array of events, got an object"],
  ["null", () => bus.append("r1", wrong(null)), "an array of events, got null"],
  ["null as event", () => bus.append("r1", [wrong(null)]), 'event 0 must be of the run "r1"'],
  ["another run's", () => bus.append("r2", [event]), 'event 0 must be of the run "r2", got "r1"'],
  ["no type", () => bus.append("r1", [wrong({ ...event, event_type: 5 })]), "got 5"],
  ["a producer", () => bus.append("r1", [], wrong({ id: "p", seq: 1 })), 'unknown option "id"'],
  ["a producer's name", by("p"), 'options must be an object, got "p"'],
  ["null as producer", by(null), "got null"],
  ["no name", by({ seq: 1 }), "producer.id must be"],
  ["no number", by({ id: "p" }), '"producer.seq" must be a whole number of at least 0'],
  ["a text as number", by({ id: "p", seq: "1" }), 'got "1"'],
  ["a text as epoch", by({ id: "p", seq: 1, epoch: "1" }), '"producer.epoch" must be'],
  ["a typo", by({ id: "p", sequence: 1 }), 'unknown option "sequence"'],
  ["no signal", () => bus.append("r1", [], { signal: wrong(5) }), '"signal" must be'],
  ["no function", () => bus.append("r1", [], { onFenced: wrong(5) }), '"onFenced" must be'],
]);

mistakes("EventBus.claim()", [
  ["no producer", () => bus.claim("r1", wrong(undefined)), "producerId must be 1 to 128"],
  ["a producer", () => bus.claim("r1", wrong({ id: "p", seq: 1 })), "producerId must be 1 to 128"],
]);

mistakes("EventBus.subscribeGlobal()", [
  ["a run id", () => bus.subscribeGlobal(wrong("r1")), 'options must be an object, got "r1"'],
  ["a run as option", () => bus.subscribeGlobal(wrong({ run: "r1" })), 'unknown option "run"'],
  [
    "a number as cursor",
    () => bus.subscribeGlobal({ after: wrong(3) }),
    '"after" must be a position',
  ],
  ["null", () => bus.subscribeGlobal(wrong(null)), "got null"],
  ["a signal", () => bus.subscribeGlobal(wrong(AbortSignal.abort())), "did you mean { signal }?"],
  ["null as signal", () => bus.subscribeGlobal({ signal: wrong(null) }), "got null"],
]);

mistakes("Subscription.batches()", [
  ["a number", () => bus.subscribe("r1").batches(wrong(5)), "options must be an object, got 5"],
  ["zero", () => bus.subscribe("r1").batches({ maxEvents: 0 }), '"maxEvents" must be'],
  ["a text", () => bus.subscribe("r1").batches({ maxEvents: wrong("5") }), 'got "5"'],
]);

for (
  const [owner, select] of [
    ["EventBus.on()", (selector: never) => bus.on(selector, fn)],
    ["EventBus.waitFor()", (selector: never) => bus.waitFor(selector)],
    ["EventBus.history()", (selector: never) => bus.history(selector)],
  ] as const
) {
  mistakes(owner, [
    ["null", () => select(wrong(null)), "got null"],
    ["a number", () => select(wrong(5)), "got 5"],
    ["an empty text", () => select(wrong("")), 'got ""'],
    ["a wrong pattern", () => select(wrong("agent*")), 'got "agent*"'],
    ["a function", () => select(wrong(fn)), "got a function"],
    ["a typo", () => select(wrong({ types: "a.b" })), 'did you mean "type"?'],
    ["a bad run", () => select(wrong({ run: "" })), "run_id must be"],
    ["text as data", () => select(wrong({ data: "x" })), '"data" must be an object'],
    ["an array as data", () => select(wrong({ data: [1] })), '"data" must be an object'],
    ["a promise", () => select(wrong(Promise.resolve("a.b"))), PROMISE],
  ]);
}

mistakes("EventBus.on()", [
  [
    "no handler",
    () => bus.on("a.b", wrong(undefined)),
    "handler must be a function, got undefined",
  ],
  ["options for a handler", () => bus.on("a.b", wrong({ run: "r1" })), "got an object"],
  ["a called handler", () => bus.on("a.b", wrong(Promise.resolve())), PROMISE],
  ["a run id", () => bus.on("a.b", fn, wrong("r1")), 'options must be an object, got "r1"'],
  ["a wrong start", () => bus.on("a.b", fn, { run: "r1", from: wrong("start") }), '"from" must be'],
  ["all history", () => bus.on("a.b", fn, { from: "history" }), 'only with a "run"'],
  ["no concurrency", () => bus.on("a.b", fn, { concurrency: 0 }), '"concurrency" must be'],
  ["endless concurrency", () => bus.on("a.b", fn, { concurrency: Infinity }), "got Infinity"],
  ["a signal", () => bus.on("a.b", fn, wrong(AbortSignal.abort())), "did you mean { signal }?"],
]);

mistakes("EventBus.waitFor()", [
  ["a number", () => bus.waitFor("a.b", wrong(100)), "options must be an object, got 100"],
  ["a negative time", () => bus.waitFor("a.b", { timeoutMs: -1 }), '"timeoutMs" must be'],
  ["NaN", () => bus.waitFor("a.b", { timeoutMs: NaN }), "got NaN"],
  ["forever", () => bus.waitFor("a.b", { timeoutMs: Infinity }), "got Infinity"],
  ["a text", () => bus.waitFor("a.b", { timeoutMs: wrong("1s") }), 'got "1s"'],
  ["a function", () => bus.waitFor("a.b", wrong(fn)), "got a function"],
]);

mistakes("EventBus.history()", [
  ["a number", () => bus.history("a.b", wrong(10)), "options must be an object, got 10"],
  ["a text", () => bus.history("a.b", { limit: wrong("10") }), 'got "10"'],
  ["a negative number", () => bus.history("a.b", { limit: -1 }), "got -1"],
  ["all", () => bus.history("a.b", { limit: Infinity }), "got Infinity"],
  ["null", () => bus.history("a.b", wrong(null)), "got null"],
]);

const noBus: readonly [what: string, value: unknown, shown: string][] = [
  ["null", null, "null"],
  ["the class", EventBus, CLASS],
  ["a promise", Promise.resolve(bus), PROMISE],
  ["its options", { historyPerRun: 5 }, "an object"],
  ["a coordination bus", new CoordinationBus(), "a CoordinationBus"],
  ["a text", "redis://localhost", '"redis://localhost"'],
  ["a function", getEventBus, "a function"],
];

for (
  const [owner, call] of [
    ["runContext()", (options: never) => runContext(options, fn)],
    ["withRun()", (options: never) => withRun(options, fn)],
    ["startRun()", (options: never) => startRun(options, fn)],
  ] as const
) {
  mistakes(owner, [
    ...noBus.map(([what, value, shown]): Mistake => [
      `${what} as bus`,
      () => call(wrong({ bus: value })),
      `"bus" must be an event bus, got ${shown}`,
    ]),
    ...badRunIds.slice(1).map(([what, value, shown]): Mistake => [
      `${what} as run id`,
      () => call(wrong({ runId: value })),
      shown,
    ]),
    ["null", () => call(wrong(null)), "options must be an object, got null"],
    ["a run id", () => call(wrong("r1")), 'options must be an object, got "r1"'],
    ["a bus", () => call(wrong(bus)), "did you mean { bus }?"],
    ["a promise", () => call(wrong(Promise.resolve())), PROMISE],
  ]);
}

for (
  const [owner, call] of [
    ["runContext()", (fn: never) => runContext({ bus }, fn)],
    ["withRun()", (fn: never) => withRun({ bus }, fn)],
    ["startRun()", (fn: never) => startRun({ bus }, fn)],
    ["withSpan()", (fn: never) => withSpan("a", {}, fn)],
    ["enterSpan()", (fn: never) => enterSpan(run, "0123456789abcdef", fn)],
  ] as const
) {
  mistakes(owner, [
    ["no function", () => call(wrong(undefined)), "expected a function, got undefined"],
    ["a called function", () => call(wrong(Promise.resolve())), PROMISE],
    ["options", () => call(wrong({})), "expected a function, got an object"],
  ]);
}

for (
  const [owner, call] of [
    ["withRun()", (options: never) => withRun(options, fn)],
    ["startRun()", (options: never) => startRun(options, fn)],
  ] as const
) {
  mistakes(owner, [
    ["a number as name", () => call(wrong({ bus, name: 5 })), '"name" must be a string, got 5'],
    ["null as name", () => call(wrong({ bus, name: null })), '"name" must be a string, got null'],
    ["an object as input", () => call(wrong({ bus, input: {} })), '"input" must be a string'],
    ["an array as tags", () => call(wrong({ bus, tags: ["a"] })), '"tags" must be an object'],
    ["text as tags", () => call(wrong({ bus, tags: "a" })), '"tags" must be an object'],
    ["null as tags", () => call(wrong({ bus, tags: null })), '"tags" must be an object, got null'],
    ["text as metadata", () => call(wrong({ bus, metadata: "a" })), '"metadata" must be an object'],
    ["a Map as metadata", () => call(wrong({ bus, metadata: new Map() })), "got a Map"],
    [
      "an id as parent",
      () => call(wrong({ bus, parent: "r1" })),
      '"parent" must be a run, got "r1"',
    ],
    ["a bus as parent", () => call(wrong({ bus, parent: bus })), "must be a run, got an event bus"],
  ]);
}

mistakes("startRun()", [
  [
    "no function",
    () => startRun({ bus, onError: wrong(true) }, fn),
    '"onError" must be a function',
  ],
  ["null", () => startRun({ bus, onError: wrong(null) }, fn), '"onError" must be a function'],
]);

mistakes("withSpan()", [
  [
    "no name",
    () => withSpan(wrong(fn), wrong(undefined)),
    '"name" must be a string, got a function',
  ],
  ["nothing", () => withSpan(wrong(undefined), fn), '"name" must be a string, got undefined'],
  ["a number", () => withSpan(wrong(5), fn), '"name" must be a string, got 5'],
  ["options first", () => withSpan(wrong({ attributes: {} }), fn), '"name" must be a string'],
  ["a promise", () => withSpan(wrong(Promise.resolve("a")), fn), PROMISE],
  ["null as options", () => withSpan("a", wrong(null), fn), "options must be an object, got null"],
  ["a run", () => withSpan("a", wrong(run), fn), "did you mean { run }?"],
  ["an id as run", () => withSpan("a", { run: wrong("r1") }, fn), '"run" must be a run, got "r1"'],
  ["a bus as run", () => withSpan("a", { run: wrong(bus) }, fn), "must be a run, got an event bus"],
  ["text", () => withSpan("a", { attributes: wrong("x") }, fn), '"attributes" must be an object'],
  [
    "an array",
    () => withSpan("a", { attributes: wrong([]) }, fn),
    '"attributes" must be an object',
  ],
]);

mistakes("enterSpan()", [
  ["a name", () => enterSpan(wrong("x"), wrong(undefined), fn), 'expected a run, got "x"'],
  ["nothing", () => enterSpan(wrong(undefined), "a", fn), "expected a run, got undefined"],
  ["a bus", () => enterSpan(wrong(bus), "a", fn), "expected a run, got an event bus"],
  ["a function", () => enterSpan(wrong(fn), "a", fn), "expected a run, got a function"],
  ["an id", () => enterSpan(wrong("r1"), "a", fn), 'expected a run, got "r1"'],
  ["no span", () => enterSpan(run, wrong(undefined), fn), "the span's id must be a string"],
  ["an empty span", () => enterSpan(run, "", fn), "the span's id must be a string"],
  ["a number", () => enterSpan(run, wrong(5), fn), "the span's id must be a string"],
  ["only a function", () => enterSpan(run, wrong(fn), wrong(undefined)), "got a function"],
]);

mistakes("setEventBus()", [
  ["nothing", () => setEventBus(wrong(undefined)), "expected an event bus, got undefined"],
  ...noBus.map(([what, value, shown]): Mistake => [
    what,
    () => setEventBus(wrong(value)),
    `expected an event bus, got ${shown}`,
  ]),
]);

const noEvents: readonly [what: string, value: unknown, shown: string][] = [
  ["null", null, "null"],
  ["a text", "shop.paid", '"shop.paid"'],
  ["schemas", { "shop.paid": {} }, "an object"],
  ["a function", defineEvents, "a function"],
  ["a bus", bus, "an event bus"],
  ["an array", [], "an array"],
];
for (
  const [owner, call] of [
    ["getEventBus()", (events: never) => getEventBus(events)],
    ["currentRun()", (events: never) => currentRun(events)],
    ["and()", (events: never) => defineEvents().and(events)],
  ] as const
) {
  mistakes(
    owner,
    noEvents.map(([what, value, shown]): Mistake => [what, () => call(wrong(value)), shown]),
  );
}

mistakes("defineEvents()", [
  ["null", () => defineEvents(wrong(null)), "got null"],
  ["a list", () => defineEvents(wrong(["shop.paid"])), "got an array"],
  ["a name", () => defineEvents(wrong("shop.paid")), 'got "shop.paid"'],
  ["a class", () => defineEvents(wrong(EventBus)), CLASS],
  ["a Map", () => defineEvents(wrong(new Map())), "got a Map"],
  ["a promise", () => defineEvents(wrong(Promise.resolve({}))), PROMISE],
  ["a schema", () => defineEvents(wrong({ "~standard": {} })), "a name must be"],
  ["no schema", () => defineEvents(wrong({ "shop.paid": {} })), "must be a Standard Schema"],
  ["a type", () => defineEvents(wrong({ "shop.paid": "string" })), 'got "string"'],
  ["an empty name", () => defineEvents(wrong({ "": {} })), "a name must be"],
  ["a name with a space", () => defineEvents(wrong({ "shop paid": {} })), "a name must be"],
]);
