/**
 * The faults: small mistakes of the kind that somebody could make, each with the tests that must notice it.
 *
 * @module
 */

/** A mistake, as a change of one place in the sources. */
export interface Fault {
  /** What goes wrong, as a user would put it. */
  readonly name: string;
  /** The file, below `src/core`. */
  readonly file: string;
  /** The text to replace. It must be there exactly once, or the fault has lost its place. */
  readonly find: string;
  readonly replace: string;
  /** The tests that must notice: a file below `tests/core`, and a part of their names. */
  readonly caughtBy: { readonly file: string; readonly test: string };
}

const log = (test: string) => ({ file: "log_properties_test.ts", test });
const model = (test: string) => ({ file: "model_properties_test.ts", test });
const handlers = (test: string) => ({ file: "handler_properties_test.ts", test });
const payloads = (test: string) => ({ file: "payload_properties_test.ts", test });
const time = (test: string) => ({ file: "time_properties_test.ts", test });
const leaks = (test: string) => ({ file: "leaks/leaks_test.ts", test });

/** All faults. */
export const faults: readonly Fault[] = [
  {
    name: "a gap counts one event too few",
    file: "event_log.ts",
    find: "count: to - from + 1, reason",
    replace: "count: to - from, reason",
    caughtBy: log("I1"),
  },
  {
    name: "a gap begins one event too late",
    file: "log_position.ts",
    find: "const from = announce === undefined ? this.#cursor + 1 : 1;",
    replace: "const from = announce === undefined ? this.#cursor + 2 : 1;",
    caughtBy: log("I1"),
  },
  {
    name: "one more event is skipped than a gap says",
    file: "log_position.ts",
    find: "const gap = makeGap(log, from, this.#cursor, reason);",
    replace: "const gap = makeGap(log, from, this.#cursor++, reason);",
    caughtBy: log("I2"),
  },
  {
    name: "an event is lost where replay becomes live",
    file: "log_position.ts",
    find: "const entry = log.at(++this.#cursor);",
    replace:
      "if (this.#cursor > 0 && this.#cursor === this.#joinHead && log.head > this.#cursor + 1) " +
      "this.#cursor++;\nconst entry = log.at(++this.#cursor);",
    caughtBy: log("I3"),
  },
  {
    name: "an event is delivered twice after a resume",
    file: "reader_start.ts",
    find: "return { cursor: Math.min(cursor.seq, log.head), recovery };",
    replace: "return { cursor: Math.max(0, Math.min(cursor.seq, log.head) - 1), recovery };",
    caughtBy: log("I14"),
  },
  {
    name: "an event is lost at the end of the history",
    file: "reader_start.ts",
    find: "Math.max(log.tail - 1, log.head - historyPerRun)",
    replace: "Math.max(log.tail - 1, log.head - historyPerRun + 1)",
    caughtBy: model("step by step"),
  },
  {
    name: "calls of next() that do not wait for each other are answered out of order",
    file: "log_iterator.ts",
    find: "return this.#last === null ? this.#step() : this.#queue(this.#last);",
    replace: "return this.#step();",
    caughtBy: model("step by step"),
  },
  {
    name: "a wake-up is lost after the first",
    file: "event_log.ts",
    find: "this.#waking = false;\n    const parked",
    replace: "const parked",
    caughtBy: model("step by step"),
  },
  {
    name: "closing is swallowed where a reader lagged",
    file: "log_position.ts",
    find: "this.#cursor >= this.log.head);",
    replace: "this.#cursor >= this.log.head && this.log.tail === 1);",
    caughtBy: log("I7"),
  },
  {
    name: "closing does not wake who waits",
    file: "event_log.ts",
    find: "this.ended ??= how;\n    this.#announce();",
    replace: "this.ended ??= how;",
    caughtBy: log("I7"),
  },
  {
    name: "a closed run takes further events",
    file: "event_bus.ts",
    find: "if (log.ended !== null) {\n      this.#reject",
    replace: "if (log.ended === 'evicted') {\n      this.#reject",
    caughtBy: log("I2"),
  },
  {
    name: "a reader that leaves is not freed",
    file: "log_subscription.ts",
    find: "this.#onRelease(this);",
    replace: "",
    caughtBy: model("I8"),
  },
  {
    name: "a reader that leaves stays among those who wait",
    file: "log_position.ts",
    find: "this.stopped = true;\n    this.log.unpark(this);",
    replace: "this.stopped = true;",
    caughtBy: leaks("wait"),
  },
  {
    name: "a reader that leaves still listens to its signal",
    file: "log_subscription.ts",
    find: 'this.#signal?.removeEventListener("abort", this.#abort);',
    replace: "",
    caughtBy: model("I8"),
  },
  {
    name: "a read that is given up takes an event from the next reader",
    file: "log_subscription.ts",
    find: "this.#endPull?.();",
    replace: "",
    caughtBy: model("step by step"),
  },
  {
    name: "a run that is read is evicted while another could go",
    file: "run_store.ts",
    find: "(readers.size > 0 ? 2 : 0) + (ended === null ? 1 : 0)",
    replace: "ended === null ? 1 : 0",
    caughtBy: model("I6"),
  },
  {
    name: "the run that was created first is evicted, not the one that was idle longest",
    file: "run_store.ts",
    find: "log.recency = ++this.#clock;",
    replace: "log.recency ||= ++this.#clock;",
    caughtBy: model("I6"),
  },
  {
    name: "readers of an evicted run are not told",
    file: "run_store.ts",
    find: 'log.end("evicted");',
    replace: "",
    caughtBy: model("I6"),
  },
  {
    name: "one run too many is retained",
    file: "run_store.ts",
    find: "++this.retained > this.#options.maxRunsRetained",
    replace: "this.retained++ > this.#options.maxRunsRetained",
    caughtBy: model("I5"),
  },
  {
    name: "the bytes of what was forgotten are never subtracted",
    file: "event_log.ts",
    find: "this.bytes -= this.#slots[index]!.bytes;",
    replace: "",
    caughtBy: model("I5"),
  },
  {
    name: "a reader may lag one event more than it should",
    file: "log_position.ts",
    find: "return live > this.#maxLag ?",
    replace: "return live > this.#maxLag + 1 ?",
    caughtBy: model("I5"),
  },
  {
    name: "a log stays large when its last reader has left",
    file: "run_store.ts",
    find: "log.setLimit(this.#options.historyPerRun);",
    replace: "",
    caughtBy: model("step by step"),
  },
  {
    name: "one reader of all runs too many is let in",
    file: "event_bus.ts",
    find: "global_subscribers >= maxGlobalSubscribers",
    replace: "global_subscribers > maxGlobalSubscribers",
    caughtBy: model("I5"),
  },
  {
    name: "an epoch does not change when the history is dropped",
    file: "event_log.ts",
    find: "epoch: string = randomHex(12);",
    replace: 'epoch: string = "epoch";',
    caughtBy: model("I15"),
  },
  {
    name: "a cursor beyond the head is believed",
    file: "reader_start.ts",
    find: "if (cursor.seq > end)",
    replace: "if (cursor.seq > end + 2_000)",
    caughtBy: model("I15"),
  },
  {
    name: "a selection swallows gaps",
    file: "log_position.ts",
    find: "if (gap !== undefined) return gap;",
    replace: "if (gap !== undefined && this.#matches === undefined) return gap;",
    caughtBy: log("I1"),
  },
  {
    name: "the publisher's context leaks into a handler",
    file: "handler_pump.ts",
    find: "this.position.log.whenChanged().then(this.#onChange);",
    replace: "this.position.log.park({ parkIndex: -1, wake: this.#onChange });",
    caughtBy: handlers("I4"),
  },
  {
    name: "one call too many of a handler runs at a time",
    file: "handler_pump.ts",
    find: "this.#running < this.#options.concurrency",
    replace: "this.#running <= this.#options.concurrency",
    caughtBy: handlers("I4"),
  },
  {
    name: "a handler that rejects keeps its place",
    file: "handler_pump.ts",
    find: "this.#options.onError(error);\n    this.#onDone();",
    replace: "this.#options.onError(error);",
    caughtBy: handlers("I4"),
  },
  {
    name: "an event is appended after the end when a payload closes its run",
    file: "event_bus.ts",
    find:
      "const captured = this.#capture(eventType, data);\n      if (captured === null) return;\n" +
      "      const log = this.#logOf(runId);",
    replace: "const log = this.#logOf(runId);\n" +
      "      const captured = this.#capture(eventType, data);\n      if (captured === null) return;",
    caughtBy: handlers("I12"),
  },
  {
    name: "the publisher's object is kept, not a copy",
    file: "capture.ts",
    find: "copy = { ...data };",
    replace: "copy = data as Record<string, unknown>;",
    caughtBy: payloads("I13"),
  },
  {
    name: "a received payload can be changed",
    file: "event_log.ts",
    find: "data: Object.freeze(data),",
    replace: "data,",
    caughtBy: payloads("I13"),
  },
  {
    name: "a payload that throws makes publishing throw",
    file: "capture.ts",
    find: "  } catch {\n    return null;\n  }\n  let bytes = 0;",
    replace: "  } finally {\n    void 0;\n  }\n  let bytes = 0;",
    caughtBy: payloads("I9"),
  },
  {
    name: "a payload takes more than it may",
    file: "capture.ts",
    find: "return bytes <= maxBytes ?",
    replace: "return bytes < Infinity ?",
    caughtBy: payloads("I5"),
  },
  {
    name: "publishing looks at every reader",
    file: "run_store.ts",
    find: "log.append(entry);",
    replace: "for (const { depth } of log.readers) if (depth < 0) return;\n    log.append(entry);",
    caughtBy: time("I10"),
  },
  {
    name: "publishing wakes whoever waits itself",
    file: "event_log.ts",
    find: "this.bytes += entry.bytes;\n    this.#announce();",
    replace: "this.bytes += entry.bytes;\n    this.#wake();\n    this.#announce();",
    caughtBy: time("I10"),
  },
  {
    name: "the clock decides about order",
    file: "event_bus.ts",
    find: "const order = ++this.#published;",
    replace: "++this.#published;\n    const order = Date.now();",
    caughtBy: time("I16"),
  },
];
