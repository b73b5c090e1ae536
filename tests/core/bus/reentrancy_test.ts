/**
 * Code of ours that calls code of somebody else's, which publishes: from every callback of every option. However
 * it goes on, the event loop turns, no stack overflows, and every event is taken or counted.
 */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { type Bus, EventBus, type EventBusOptions, type Run } from "@locus/core";
import { toOtel } from "@locus/core/bridges/otel";
import { consoleLines, jsonLines } from "@locus/core/consumers";
import { CoordinationBus } from "@locus/core/coordination";
import { followRun } from "@locus/core/client";
import { createRedactor, redactingBus } from "@locus/core/redaction";
import { eventStreamResponse } from "@locus/core/sse";
import { FakeSubscription } from "../../harness/support/fake_subscription.ts";
import { settle } from "../properties/settings.ts";

/** As many calls between two turns of the event loop as nothing bounded makes. */
const ENDLESS = 50_000;
const MOST_A_TURN = 25_000;
const DEEPEST = 150;

/** Counts the calls of a callback, and lets it act until it is stopped, or goes on without end. */
class Calls {
  inTurn = 0;
  mostInTurn = 0;
  deepest = 0;
  /** Events that were handed to the bus. */
  attempts = 0;
  #depth = 0;
  isStopped = false;

  /** Called by the callback: does what leads to the next call. */
  readonly again = (act: () => unknown): void => {
    if (this.isStopped || ++this.inTurn > ENDLESS) return;
    this.deepest = Math.max(this.deepest, ++this.#depth);
    try {
      act();
    } finally {
      this.#depth--;
    }
  };

  /** Publishes so many events, which are counted. */
  publish(bus: Bus, count = 1, data: object = {}, run_id = "r"): void {
    for (let i = 0; i < count && !this.isStopped; i++) {
      this.attempts++;
      bus.publish({ run_id, event_type: "test.tick", data });
    }
  }

  async turn(): Promise<void> {
    await settle();
    this.mostInTurn = Math.max(this.mostInTurn, this.inTurn);
    this.inTurn = 0;
  }
}

/** Sets up a callback that calls `again`, and has it called. The bus that counts, and what ends it. */
type Scene = (calls: Calls) => { bus?: Bus; end?(): unknown };

const options: EventBusOptions = { onError() {}, maxQueueSize: 1, historyPerRun: 1 };

/** The callbacks of the bus: how one is handed in and called, given what it does. */
const callbacks: Record<string, (calls: Calls, callback: (act: () => unknown) => unknown) => Bus> =
  {
    "onError, told of a refused event"(calls, callback) {
      const refuse = () => calls.publish(bus, 1, {}, "");
      const bus = new EventBus({ onError: () => callback(refuse) as void });
      refuse();
      return bus;
    },
    "onError, told of a handler that throws"(calls, callback) {
      const bus = new EventBus({ onError: () => callback(() => calls.publish(bus)) as void });
      bus.on("*", () => {
        throw new Error("handler");
      });
      calls.publish(bus);
      return bus;
    },
    "onError, told of a handler that rejects"(calls, callback) {
      const bus = new EventBus({ onError: () => callback(() => calls.publish(bus)) as void });
      bus.on("*", () => Promise.reject(new Error("handler")), { run: "r" });
      calls.publish(bus);
      return bus;
    },
    "onError, told of a handler that lags"(calls, callback) {
      const onError = () => callback(() => calls.publish(bus, 3)) as void;
      const bus = new EventBus({ ...options, onError });
      bus.on("*", () => {}, { run: "r" });
      calls.publish(bus, 3);
      return bus;
    },
    "onError, told of a subscription too many"(_, callback) {
      const onError = () => callback(() => void bus.subscribeGlobal().cancel()) as void;
      const bus = new EventBus({ maxGlobalSubscribers: 1, onError });
      bus.subscribeGlobal();
      bus.subscribeGlobal();
      return bus;
    },
    "onGap, of a handler of a run"(calls, callback) {
      const bus = new EventBus(options);
      const onGap = () => callback(() => calls.publish(bus, 3)) as void;
      bus.on("*", () => {}, { run: "r", onGap });
      calls.publish(bus, 3);
      return bus;
    },
    "onGap, of a handler of all runs"(calls, callback) {
      const bus = new EventBus(options);
      bus.on("*", () => {}, { onGap: () => callback(() => calls.publish(bus, 3)) as void });
      calls.publish(bus, 3);
      return bus;
    },
    "a handler"(calls, callback) {
      const bus = new EventBus(options);
      bus.on("*", () => callback(() => calls.publish(bus)));
      calls.publish(bus);
      return bus;
    },
    "a handler that publishes more than it can take"(calls, callback) {
      const bus = new EventBus(options);
      bus.on("*", () => callback(() => calls.publish(bus, 3)), { run: "r", concurrency: 1 });
      calls.publish(bus);
      return bus;
    },
    "handlers that publish for each other"(calls, callback) {
      const bus = new EventBus(options);
      bus.on("*", () => callback(() => calls.publish(bus, 1, {}, "b")), { run: "a" });
      bus.on("*", () => callback(() => calls.publish(bus, 1, {}, "a")), { run: "b" });
      calls.publish(bus, 1, {}, "a");
      return bus;
    },
    "what a handler returns, when it is asked whether it is a promise"(calls, callback) {
      const bus = new EventBus(options);
      bus.on("*", () => ({
        get then() {
          callback(() => calls.publish(bus));
          return undefined;
        },
      }));
      calls.publish(bus);
      return bus;
    },
  };

/** What a payload can do while it is read, and an event as a whole. */
const payloads: Record<string, (act: () => void) => object> = {
  "a getter": (act) => ({
    get n() {
      act();
      return 1;
    },
  }),
  "a getter that publishes twice": (act) => ({
    get n() {
      act();
      act();
      return 1;
    },
  }),
  "a getter in a nested object": (act) => ({
    deep: {
      get n() {
        act();
        return [act];
      },
    },
  }),
  "toJSON()": (act) => ({
    toJSON() {
      act();
      return { n: 1 };
    },
  }),
  "valueOf()": (act) => ({
    inner: Object.assign(Object.create({ [Symbol.toStringTag]: "String" }), { valueOf: act }),
  }),
  "a symbol that says what it is": (act) => ({
    inner: {
      get [Symbol.toStringTag]() {
        act();
        return "Shop";
      },
    },
  }),
  "an error's message": (act) => ({
    error: Object.defineProperty(new Error(), "message", { get: () => (act(), "m") }),
  }),
  "an array's length": (act) => ({
    list: new Proxy([1], { get: (list, key) => (act(), Reflect.get(list, key)) }),
  }),
  "every trap of a proxy": (act) =>
    new Proxy({ n: 1 }, {
      get: (target, key) => (act(), Reflect.get(target, key)),
      ownKeys: (target) => (act(), Reflect.ownKeys(target)),
      getPrototypeOf: (target) => (act(), Reflect.getPrototypeOf(target)),
      getOwnPropertyDescriptor: (target, key) => {
        act();
        return Reflect.getOwnPropertyDescriptor(target, key);
      },
    }),
};

const scenes: Record<string, Scene> = {};

for (const [name, open] of Object.entries(callbacks)) {
  const end = (bus: Bus) => ({ bus, end: () => bus.closeGlobal() });
  scenes[`from ${name}`] = (calls) => end(open(calls, calls.again));
  scenes[`from ${name}, in a promise`] = (calls) =>
    end(open(calls, async (act) => {
      await null;
      calls.again(act);
    }));
}

/** Buses that read payloads. */
const buses: Record<string, () => Bus> = {
  "a bus": () => new EventBus(options),
  "a bus that redacts": () => redactingBus(new EventBus(options)),
  "two buses, in turns"() {
    const [a, b] = [new EventBus(options), new EventBus(options)];
    let turn = 0;
    return Object.assign(Object.create(a), {
      publish: (draft: never) => (turn++ % 2 === 0 ? a : b).publish(draft),
      stats() {
        const [one, two] = [a.stats(), b.stats()];
        const sum = (key: "published_events_total" | "rejected_events_total") =>
          one[key] + two[key];
        return {
          published_events_total: sum("published_events_total"),
          rejected_events_total: sum("rejected_events_total"),
        };
      },
      closeGlobal() {},
    });
  },
};

for (const [on, makeBus] of Object.entries(buses)) {
  for (const [name, make] of Object.entries(payloads)) {
    scenes[`from ${name} of a payload, on ${on}`] = (calls) => {
      const bus = makeBus();
      const data = make(() => calls.again(() => calls.publish(bus, 1, data)));
      calls.publish(bus, 1, data);
      return { bus };
    };
  }
  scenes[`from a getter of the event itself, on ${on}`] = (calls) => {
    const bus = makeBus();
    const publish = () => {
      calls.attempts++;
      bus.publish(draft);
    };
    const draft = {
      get run_id() {
        calls.again(publish);
        return "r";
      },
      event_type: "test.tick",
      data: {},
    };
    publish();
    return { bus };
  };
}

Object.assign(
  scenes,
  {
    "from a getter of a payload that is written"(calls) {
      const bus = new EventBus(options);
      const writer = bus.writer("r");
      const write = () => {
        calls.attempts++;
        writer.write("test.tick", data);
      };
      const data = {
        get n() {
          calls.again(write);
          return 1;
        },
      };
      write();
      return { bus };
    },
    "from a redactor, twice each"(calls) {
      const redactor = {
        ...createRedactor(),
        data(value: unknown) {
          calls.again(() => calls.publish(bus, 2, { n: 1 }));
          return value;
        },
      };
      const bus = redactingBus(new EventBus(options), redactor as never);
      calls.publish(bus, 1, { n: 1 });
      return { bus };
    },
    "from the sink of jsonLines()"(calls) {
      const bus = new EventBus({ onError() {} });
      const stop = jsonLines(bus, () => calls.again(() => calls.publish(bus)));
      calls.publish(bus);
      return { bus, end: stop };
    },
    "from levelOf of jsonLines()"(calls) {
      const bus = new EventBus({ onError() {} });
      const levelOf = () => (calls.again(() => calls.publish(bus)), "info" as const);
      const stop = jsonLines(bus, () => {}, { levelOf });
      calls.publish(bus);
      return { bus, end: stop };
    },
    "from onError of jsonLines()"(calls) {
      const bus = new EventBus({ onError() {} });
      const sink = () => {
        throw new Error("sink");
      };
      const onError = () => calls.again(() => calls.publish(bus));
      const stop = jsonLines(bus, sink, { onError });
      calls.publish(bus);
      return { bus, end: stop };
    },
    "from the lines of consoleLines()"(calls) {
      const bus = new EventBus({ onError() {} });
      const stop = consoleLines(bus, { write: () => calls.again(() => calls.publish(bus)) });
      calls.publish(bus);
      return { bus, end: stop };
    },
    "from the attributes of toOtel(), for a new run each"(calls) {
      const bus = new EventBus({ onError() {} });
      let runs = 0;
      const attributes = () => {
        calls.again(() => calls.publish(bus, 1, {}, `run-${runs++}`));
        return {};
      };
      const stop = toOtel(bus, { attributes });
      calls.publish(bus);
      return { bus, end: stop };
    },
    "from onError of an event stream"(calls) {
      const bus = new EventBus({ onError() {} });
      const onError = () => calls.again(() => calls.publish(bus));
      void eventStreamResponse(new FakeSubscription([new Error("e")]), { onError }).text();
      return { bus };
    },
    "from the callbacks of followRun(), of a server that does not answer"(calls) {
      const bus = new EventBus(options);
      const publish = () => calls.again(() => calls.publish(bus));
      const followed = followRun("http://localhost/runs/r/events", {
        fetch: () => Promise.resolve(new Response(null, { status: 503 })),
        onState: publish,
        retry: () => (publish(), 0),
      });
      void Array.fromAsync(followed);
      return { bus, end: () => followed.return() };
    },
    "from a handler of a coordination bus"(calls) {
      const bus = new CoordinationBus({ onError() {} });
      const publish = () => bus.publish({ type: "goal_achieved", stream_id: "s" });
      bus.subscribe({ handler: () => void calls.again(publish) });
      void publish();
      return {};
    },
    "from a handler of a coordination bus that waits for what it publishes"(calls) {
      const bus = new CoordinationBus({ onError() {}, maxPendingPublishes: 100 });
      const publish = () => bus.publish({ type: "goal_achieved", stream_id: "s" });
      let publishing: Promise<void> | undefined;
      bus.subscribe({
        async handler() {
          calls.again(() => publishing = publish());
          await publishing;
        },
      });
      void publish();
      return {};
    },
    "from onError of a coordination bus, told of a refused event"(calls) {
      const refuse = () => bus.publish({ type: "no such type" as never, stream_id: "s" });
      const bus = new CoordinationBus({ onError: () => calls.again(refuse) });
      void refuse();
      return {};
    },
    "from a getter of a coordination event's payload, twice each"(calls) {
      const bus = new CoordinationBus({ onError() {} });
      const publish = () => bus.publish({ type: "goal_achieved", stream_id: "s", data });
      const data = {
        get n() {
          calls.again(publish);
          calls.again(publish);
          return 1;
        },
      };
      void publish();
      return {};
    },
    "from the run that a coordination bus is mirrored in"(calls) {
      const publish = () => bus.publish({ type: "goal_achieved", stream_id: "s" });
      const run = { emit: () => (calls.again(publish), calls.again(publish)) };
      const bus = new CoordinationBus({ onError() {}, mirror: run as Partial<Run> as Run });
      void publish();
      return {};
    },
  } satisfies Record<string, Scene>,
);

for (const [name, scene] of Object.entries(scenes)) {
  test(`B7: publishing ${name} leaves the event loop its turns`, async () => {
    const calls = new Calls();
    const { bus, end } = scene(calls);
    for (let turn = 0; turn < 10; turn++) await calls.turn();
    calls.isStopped = true;
    await end?.();
    await settle();
    assert(calls.mostInTurn <= MOST_A_TURN, `${calls.mostInTurn} calls in one turn`);
    assert(calls.deepest <= DEEPEST, `${calls.deepest} calls within one another`);
    assertEquals(calls.mostInTurn > 0, true, "it was called");
    if (bus === undefined) return;
    const { published_events_total: taken, rejected_events_total: refused } = bus.stats();
    assertEquals(taken + refused, calls.attempts, "each event is taken or counted");
  });
}
