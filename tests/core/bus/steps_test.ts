/** What publishing costs, in steps: however many runs, readers and keys there are, it looks at a few. */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { EventBus } from "@locus/core";
import { sourcesOf } from "../../../src/core/bus/event_bus.ts";
import { settle } from "../properties/settings.ts";

const MANY = 2_000;

function publish(bus: EventBus, run_id: string, data: object = { n: 1 }): void {
  bus.publish({ run_id, event_type: "test.tick", data });
}

/** Counts how often anything that is known of a run is looked at, of the runs that there are now. */
function watchRuns(bus: EventBus): { readonly looks: number } {
  const watch = { looks: 0 };
  for (const log of sourcesOf(bus).runs.values()) {
    for (const key of ["readers", "ended", "head", "tail", "bytes", "list", "older", "newer"]) {
      let value: unknown = Reflect.get(log, key);
      Object.defineProperty(log, key, {
        get: () => (watch.looks++, value),
        set: (changed) => (watch.looks++, value = changed),
      });
    }
  }
  return watch;
}

// Whoever does not wait is collected, at any moment, and its leaving would count.
const held: unknown[] = [];

/** Reads a run up to what is there, and stays. */
function read(bus: EventBus, run: string): void {
  const iterator = bus.subscribe(run)[Symbol.asyncIterator]();
  held.push(iterator);
  void iterator.next();
}

/** Buses on which there is much that publishing has no business with. */
const crowds: Record<string, () => EventBus> = {
  "that are waited for"() {
    const bus = new EventBus({ maxRunsRetained: 3 });
    for (let i = 0; i < MANY; i++) read(bus, `run-${i}`);
    return bus;
  },
  "that are retained"() {
    const bus = new EventBus({ maxRunsRetained: MANY });
    for (let i = 0; i < MANY; i++) publish(bus, `run-${i}`);
    return bus;
  },
  "that are read, to the limit of runs"() {
    const bus = new EventBus({ maxRunsRetained: MANY });
    for (let i = 0; i < MANY; i++) {
      read(bus, `run-${i}`);
      publish(bus, `run-${i}`);
    }
    return bus;
  },
  "that are read and closed, and hold nothing"() {
    const bus = new EventBus({ maxRunsRetained: 2 * MANY, maxBytes: 1_000 });
    for (let i = 0; i < MANY; i++) {
      held.push(bus.subscribe(`run-${i}`));
      bus.closeStream(`run-${i}`);
    }
    return bus;
  },
  "that are read, to the limit of bytes"() {
    const bus = new EventBus({ maxRunsRetained: 2 * MANY, maxBytes: MANY });
    for (let i = 0; i < MANY; i++) {
      read(bus, `run-${i}`);
      publish(bus, `run-${i}`);
    }
    return bus;
  },
};

for (const [what, make] of Object.entries(crowds)) {
  test(`B9: the first publish of a run looks at few of ${MANY} others ${what}`, () => {
    const bus = make();
    // The limit is reached, whichever it is.
    for (const run of ["a", "b", "c", "d"]) publish(bus, run);
    const watch = watchRuns(bus);
    let most = 0;
    for (let i = 0; i < 100; i++) {
      const before = watch.looks;
      publish(bus, `new-${i}`);
      most = Math.max(most, watch.looks - before);
    }
    assert(most < 200, `one publish looked ${most} times`);
  });

  test(`B9: closing, reading and leaving a run looks at few of ${MANY} others ${what}`, async () => {
    const bus = make();
    // Those who wait are woken by what was published to their runs.
    await settle();
    const watch = watchRuns(bus);
    for (let i = 0; i < 50; i++) {
      const subscription = bus.subscribe(`new-${i}`);
      bus.subscribeGlobal().cancel();
      publish(bus, `new-${i}`);
      bus.closeStream(`new-${i}`);
      await subscription.cancel();
    }
    assert(watch.looks < 50 * 200, `${watch.looks} looks in all`);
  });
}

test("B9: it goes on looking at few, however often the oldest had to go", () => {
  const bus = new EventBus({ maxRunsRetained: 100, maxBytes: 50_000 });
  for (let i = 0; i < MANY; i++) publish(bus, `run-${i % 300}`, { text: "x".repeat(i % 500) });
  const { history_runs, retained_bytes } = bus.stats();
  assert(history_runs <= 100 && retained_bytes <= 50_000);
});

/** Payloads with far more in them than is kept, each of whose parts counts how often it is looked at. */
const payloads: Record<string, (look: () => void) => object> = {
  "keys": (look) => wide(look),
  "keys, one level down": (look) => ({ a: wide(look) }),
  "keys behind a proxy": (look) => watched({}, 300_000, look),
  "keys behind a proxy, one level down": (look) => ({ a: watched({}, 300_000, look) }),
  "keys of an instance": (look) => Object.setPrototypeOf(wide(look), (class Shop {}).prototype),
  "items": (look) => ({ list: watched([], 300_000, look) }),
  "bytes, which list themselves as those of Node's Buffer do"(look) {
    class Bytes extends Uint8Array {
      toJSON(): number[] {
        return Array.from(this, (byte) => (look(), byte));
      }
    }
    return { bytes: new Bytes(300_000) };
  },
  "objects, each in the one before"(look) {
    let inner: object = {};
    for (let i = 0; i < 300_000; i++) {
      const outer = inner;
      inner = Object.defineProperty({}, "a", { enumerable: true, get: () => (look(), outer) });
    }
    return inner;
  },
  "ways through few objects"(look) {
    let inner: object = {};
    for (let i = 0; i < 60; i++) {
      const outer = inner;
      const getter = { enumerable: true, get: () => (look(), outer) };
      inner = Object.defineProperties({}, { a: getter, b: getter });
    }
    return inner;
  },
  "keys, of one object that stands under many names"(look) {
    const one = wide(look);
    return Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`k${i}`, one]));
  },
};

for (const [what, make] of Object.entries(payloads)) {
  test(`B9: of a payload of 300,000 ${what} no more is looked at than is kept`, () => {
    const bus = new EventBus();
    let looks = 0;
    const data = make(() => void looks++);
    publish(bus, "r", data);
    assertEquals(bus.stats().published_events_total, 1);
    assert(bus.stats().retained_bytes <= 256 * 1024);
    // The bound is 262,144 bytes, and nothing takes less than 8.
    assert(looks <= 2 * 262_144 / 8, `it was looked at ${looks} times`);
    const before = looks;
    bus.writer("r").write("test.tick", data);
    assert(looks - before <= 2 * 262_144 / 8);
  });
}

function wide(look: () => void): object {
  const object = {};
  const getter = { enumerable: true, configurable: true, get: () => (look(), 1) };
  for (let i = 0; i < 300_000; i++) Object.defineProperty(object, `key${i}`, getter);
  return object;
}

/** Something that says it has many parts, and counts what is asked about each. */
function watched(target: object, count: number, look: () => void): object {
  const isList = Array.isArray(target);
  const keys = isList ? ["length"] : Array.from({ length: count }, (_, i) => `key${i}`);
  const descriptor = { enumerable: true, configurable: true, writable: true, value: 1 };
  return new Proxy(target, {
    ownKeys: () => keys,
    get(_, key) {
      if (typeof key === "symbol" || key === "toJSON") return undefined;
      if (isList && key === "length") return count;
      look();
      return 1;
    },
    getOwnPropertyDescriptor(inner, key) {
      look();
      return isList && key === "length" ? Reflect.getOwnPropertyDescriptor(inner, key) : descriptor;
    },
  });
}

test("B9: a payload that is small is taken whole, whatever is behind it", async () => {
  const bus = new EventBus();
  const huge = Object.assign(wide(() => {}), { toJSON: () => ({ n: 1 }) });
  publish(bus, "r", huge);
  publish(bus, "r", Object.create({ inherited: 1 }, { own: { enumerable: true, value: 2 } }));
  await settle();
  const seen = bus.history({ run: "r" }).map(({ data }) => ({ ...data as object }));
  assertEquals(seen as unknown[], [{ own: 2 }, { n: 1 }]);
});
