/**
 * The faults: small mistakes of the kind that somebody could make, each with the tests that must notice it.
 *
 * @module
 */

/** A mistake, as a change of one place in the sources. */
export interface Fault {
  /** What goes wrong, as a user would put it. */
  readonly name: string;
  /** The part of the sources that it is in: a folder of `src` and of `tests`. @default {"core"} */
  readonly area?:
    | "core"
    | "transports"
    | "bridges"
    | "client"
    | "sse"
    | "view"
    | "cli"
    | "graph"
    | "a2a";
  /** The file, below that folder of `src`. */
  readonly file: string;
  /** The text to replace. It must be there exactly once, or the fault has lost its place. */
  readonly find: string;
  readonly replace: string;
  /** The tests that must notice: a file below that folder of `tests`, and a part of their names. */
  readonly caughtBy: { readonly file: string; readonly test: string };
}

const log = (test: string) => ({ file: "log/log_properties_test.ts", test });
const model = (test: string) => ({ file: "bus/model_properties_test.ts", test });
const handlers = (test: string) => ({ file: "bus/handler_properties_test.ts", test });
const payloads = (test: string) => ({ file: "bus/payload_properties_test.ts", test });
const time = (test: string) => ({ file: "bus/time_properties_test.ts", test });
const following = (test: string) => ({ file: "run/following_properties_test.ts", test });
const followed = (test: string) => ({ file: "../runtime/follow_test.ts", test });
const runs = (test: string) => ({ file: "../runtime/run_test.ts", test });
const background = (test: string) => ({ file: "run/background_test.ts", test });
const leaks = (test: string) => ({ file: "bus/leaks/leaks_test.ts", test });
const takenOver = (test: string) => ({ file: "take_over_test.ts", test });
const dropped = (test: string) => ({ file: "bus/leaks/dropped_test.ts", test });
const overtaken = (test: string) => ({ file: "log/overtaken_properties_test.ts", test });
const reentrancy = (test: string) => ({ file: "bus/reentrancy_test.ts", test });
const forgotten = (test: string) => ({ file: "bus/forgotten_runs_test.ts", test });
const steps = (test: string) => ({ file: "bus/steps_test.ts", test });
const positions = (test: string) => ({ file: "log/positions_test.ts", test });
const contract = (test: string) => ({ file: "../contract/event_bus_test.ts", test });
const merged = (test: string) => ({ file: "bus/merged_test.ts", test });
const lists = (test: string) => ({ file: "bus/runs_test.ts", test });
const waits = (test: string) => ({ file: "bus/wait_for_test.ts", test });

/** The faults of the bus in one process. */
export const coreFaults: readonly Fault[] = [
  {
    name: "a gap counts one event too few",
    file: "log/event_log.ts",
    find: "return to - from + 1;",
    replace: "return to - from;",
    caughtBy: log("I1"),
  },
  {
    name: "a gap begins one event too late",
    file: "log/log_position.ts",
    find: "? Math.floor(this.#cursor) + 1 : 1;",
    replace: "? Math.floor(this.#cursor) + 2 : 1;",
    caughtBy: log("I1"),
  },
  {
    name: "a reader that was overtaken reads on as if nothing were missing",
    file: "log/log_position.ts",
    find: "log.head - cursor <= this.#maxLag &&",
    replace: "",
    caughtBy: model("I5"),
  },
  {
    name: "a reader that is to be told what is missing reads on instead",
    file: "log/log_position.ts",
    find: "this.#isSettled = this.log.isDense && this.#announce === undefined &&",
    replace: "this.#isSettled = this.log.isDense &&",
    caughtBy: model("I15"),
  },
  {
    name: "one more event is skipped than a gap says",
    file: "log/log_position.ts",
    find: "const gap = makeGap(log, from, this.#cursor, reason);",
    replace: "const gap = makeGap(log, from, this.#cursor++, reason);",
    caughtBy: log("I2"),
  },
  {
    name: "an event is lost where replay becomes live",
    file: "log/log_position.ts",
    find: "const entry = log.at(++this.#cursor);\n      if (matches",
    replace:
      "if (this.#cursor > 0 && this.#cursor === this.#joinHead && log.head > this.#cursor + 1) " +
      "this.#cursor++;\nconst entry = log.at(++this.#cursor);\n      if (matches",
    caughtBy: log("I3"),
  },
  {
    name: "an event is delivered twice after a resume",
    file: "log/reader_start.ts",
    find: "return { cursor: Math.min(cursor.seq, log.head), recovery };",
    replace: "return { cursor: Math.max(0, Math.min(cursor.seq, log.head) - 1), recovery };",
    caughtBy: log("I14"),
  },
  {
    name: "an event is lost at the end of the history",
    file: "log/reader_start.ts",
    find: "const wanted = log.before(count);",
    replace: "const wanted = log.before(count - 1);",
    caughtBy: model("step by step"),
  },
  {
    name: "calls of next() that do not wait for each other are answered out of order",
    file: "log/log_iterator.ts",
    find: "return this.#last === null ? this.#step() : this.#queue(this.#last);",
    replace: "return this.#step();",
    caughtBy: model("step by step"),
  },
  {
    name: "a wake-up is lost after the first",
    file: "log/event_log.ts",
    find: "this.#isWakeDue = false;\n    const parked",
    replace: "const parked",
    caughtBy: model("step by step"),
  },
  {
    name: "closing is swallowed where a reader lagged",
    file: "log/log_position.ts",
    find: "this.#cursor >= this.log.head);",
    replace: "this.#cursor >= this.log.head && this.log.tail === 1);",
    caughtBy: log("I7"),
  },
  {
    name: "a selection swallows gaps",
    file: "log/log_position.ts",
    find: "const first = this.#takeNext() ?? this.#takeGap();",
    replace:
      "const gap = this.#takeNext() ?? this.#takeGap();\n      const first = this.#matches === undefined ? gap : undefined;",
    caughtBy: log("I1"),
  },
  {
    name: "closing does not wake who waits",
    file: "log/event_log.ts",
    find: "this.ended ??= how;\n    this.announce();",
    replace: "this.ended ??= how;",
    caughtBy: log("I7"),
  },
  {
    name: "a closed run takes further events",
    file: "bus/publisher.ts",
    find: "if (log.ended !== null) {\n      // It may",
    replace: 'if (log.ended === "evicted") {\n      // It may',
    caughtBy: log("I2"),
  },
  {
    name: "a reader that leaves is not freed",
    file: "bus/log_reader.ts",
    find: "this.#source.leave(this);",
    replace: "",
    caughtBy: model("I8"),
  },
  {
    name: "a reader that leaves stays among those who wait",
    file: "log/log_position.ts",
    find: "this.#settle();\n    this.log.unpark(this);",
    replace: "this.#settle();",
    caughtBy: leaks("that leave while they wait"),
  },
  {
    name: "a reader that leaves still listens to its signal",
    file: "log/stream_reader.ts",
    find: 'signal?.removeEventListener("abort", cancel);',
    replace: "",
    caughtBy: model("I8"),
  },
  {
    name: "a read that is given up takes an event from the next reader",
    file: "bus/log_subscription.ts",
    find: "this.#endPull?.();",
    replace: "",
    caughtBy: model("step by step"),
  },
  {
    name: "readers of an evicted run are not told",
    file: "bus/run_store.ts",
    find: 'log.end("evicted");',
    replace: "",
    caughtBy: model("I6"),
  },
  {
    name: "a run that is read is evicted while another could go",
    file: "bus/run_store.ts",
    find: "log.readers.size === 0 ? isOpen : isHeld ? 3 + isOpen : 2",
    replace: "isOpen",
    caughtBy: model("I6"),
  },
  {
    name: "the run that was created first is evicted, not the one that was idle longest",
    file: "log/recency_list.ts",
    find: "if (item === this.newest) return;",
    replace: "if (item.list === this) return;",
    caughtBy: model("I6"),
  },
  {
    name: "one reader of all runs too many is let in",
    file: "bus/readers.ts",
    find: ">= maxGlobalSubscribers;",
    replace: "> maxGlobalSubscribers;",
    caughtBy: model("I5"),
  },
  {
    name: "one run too many is retained",
    file: "bus/run_store.ts",
    find: "++this.retained > this.#options.maxRunsRetained",
    replace: "this.retained++ > this.#options.maxRunsRetained",
    caughtBy: model("I5"),
  },
  {
    name: "the bytes of what was forgotten are never subtracted",
    file: "log/event_log.ts",
    find: "this.bytes -= entry.bytes;",
    replace: "",
    caughtBy: model("I5"),
  },
  {
    name: "a reader may lag one event more than it should",
    file: "log/log_position.ts",
    find: "log.before(this.#maxLag)",
    replace: "log.before(this.#maxLag + 1)",
    caughtBy: model("I5"),
  },
  {
    name: "a log stays large when its last reader has left",
    file: "bus/run_store.ts",
    find: "log.setLimit(this.#options.historyPerRun);",
    replace: "",
    caughtBy: model("step by step"),
  },
  {
    name: "an epoch does not change when the history is dropped",
    file: "log/event_log.ts",
    find: "epoch: string = randomHex(12);",
    replace: 'epoch: string = "epoch";',
    caughtBy: model("I15"),
  },
  {
    name: "a cursor beyond the head is believed",
    file: "log/reader_start.ts",
    find: "if (cursor.seq > end)",
    replace: "if (cursor.seq > end + 2_000)",
    caughtBy: model("I15"),
  },
  {
    name: "one call too many of a handler runs at a time",
    file: "bus/handler_pump.ts",
    find: "this.#running < this.#options.concurrency",
    replace: "this.#running <= this.#options.concurrency",
    caughtBy: handlers("I4"),
  },
  {
    name: "a handler that rejects keeps its place",
    file: "bus/handler_pump.ts",
    find: "this.#options.onError(error);\n    this.#onDone();",
    replace: "this.#options.onError(error);",
    caughtBy: handlers("I4"),
  },
  {
    name: "the publisher's context leaks into a handler",
    file: "bus/handler_pump.ts",
    find: "this.log.change.wait().then(this.#onChange);",
    replace: "this.log.park({ parkIndex: -1, wake: this.#onChange });",
    caughtBy: handlers("I4"),
  },
  {
    name: "an event is appended after the end when a payload closes its run",
    file: "bus/publisher.ts",
    find:
      "const captured = this.#capture(eventType, data);\n      if (captured === null) return;\n" +
      "      const log = this.#logOf(runId);",
    replace: "const log = this.#logOf(runId);\n" +
      "      const captured = this.#capture(eventType, data);\n      if (captured === null) return;",
    caughtBy: handlers("I12"),
  },
  {
    name: "the publisher's object is kept, not a copy",
    file: "capture_flat.ts",
    find: "copy = { ...data };",
    replace: "copy = data as Record<string, unknown>;",
    caughtBy: payloads("I13"),
  },
  {
    name: "a payload that throws makes publishing throw",
    file: "capture_flat.ts",
    find: "  } catch {\n    return null;\n  }\n  for (const key in copy)",
    replace: "  } finally {\n    void 0;\n  }\n  for (const key in copy)",
    caughtBy: payloads("I9"),
  },
  {
    name: "a received payload can be changed",
    file: "log/event_log.ts",
    find: "data: Object.freeze(data),",
    replace: "data,",
    caughtBy: payloads("I13"),
  },
  {
    name: "a payload takes more than it may",
    file: "capture_flat.ts",
    find: "return bytes <= maxBytes ? { data: copy",
    replace: "return bytes < Infinity ? { data: copy",
    caughtBy: payloads("I5"),
  },
  {
    name: "publishing looks at every reader",
    file: "bus/run_store.ts",
    find: "log.append(entry);",
    replace: "for (const { depth } of log.readers) if (depth < 0) return;\n    log.append(entry);",
    caughtBy: time("I10"),
  },
  {
    name: "publishing wakes whoever waits itself",
    file: "log/event_log.ts",
    find: "this.bytes += entry.bytes;\n    this.announce();",
    replace: "this.bytes += entry.bytes;\n    this.#wake();\n    this.announce();",
    caughtBy: time("I10"),
  },
  {
    name: "the clock decides about order",
    file: "bus/publisher.ts",
    find: "const order = ++this.#sources.order;",
    replace: "++this.#sources.order;\n    const order = Date.now();",
    caughtBy: time("I16"),
  },
  {
    name: "a subscription that is dropped keeps its place",
    file: "log/stream_reader.ts",
    find: "registry?.register(owner, cancel, cancel);",
    replace: "",
    caughtBy: dropped("to all runs, dropped that nobody reads"),
  },
  {
    name: "a body that somebody else reads is taken for the response",
    area: "sse",
    file: "take_over.ts",
    find: "onPassed(isWritten ? begin : null);",
    replace: "onPassed(begin);",
    caughtBy: takenOver("later is written by who reads it"),
  },
  {
    name: "the pump of a body that was taken over ends the response",
    area: "sse",
    file: "take_over.ts",
    find: "      restore();\n      return response;",
    replace: "      restore();\n      return end.call(response);",
    caughtBy: takenOver("goes on to the end of the run"),
  },
  {
    name: "what writes in its own way is written past",
    area: "sse",
    file: "take_over.ts",
    find: "const isPlain = response.write === plainWrite() && response.writableCorked === 0;",
    replace: "const isPlain = true;",
    caughtBy: takenOver("goes on to the end of the run"),
  },
  {
    name: "a client that leaves a response that was taken over is not noticed",
    area: "sse",
    file: "take_over.ts",
    find: 'this.#response.on("close", listener);',
    replace: "",
    caughtBy: takenOver("whose client leaves"),
  },
  {
    name: "a subscription that has ended is held by what would have ended it",
    file: "log/stream_reader.ts",
    find: "registry?.unregister(cancel);",
    replace: "",
    caughtBy: leaks("ended by a signal"),
  },
  {
    name: "a subscription to a run that is dropped stays registered",
    file: "bus/log_subscription.ts",
    find: "reader.begin(this);",
    replace: "reader.begin();",
    caughtBy: dropped("to a run, dropped that nobody reads"),
  },
  {
    name: "a call that throws leaves an opened log behind",
    file: "bus/readers.ts",
    find: "const isSelected = compileSelect(owner, select);",
    replace: "open();\n    const isSelected = compileSelect(owner, select);",
    caughtBy: dropped("a call that throws"),
  },
  {
    name: "a reader that was overtaken again is given no room",
    file: "log/log_position.ts",
    find: "floor + Math.floor(pending / 2)",
    replace: "floor",
    caughtBy: overtaken("B6"),
  },
  {
    name: "a reader that was overtaken loses the event after its gap",
    file: "log/log_position.ts",
    find: "      this.#next = entry;\n",
    replace: "",
    caughtBy: overtaken("B6"),
  },
  {
    name: "what was dropped on request is delivered after a gap",
    file: "log/log_position.ts",
    find: "this.#nextAt <= this.log.clearedTo",
    replace: "this.#nextAt < 0",
    caughtBy: overtaken("B6"),
  },
  {
    name: "publishing within a publish has no end",
    file: "bus/nesting.ts",
    find: "++nested > MAX_NESTED",
    replace: "++nested === -1",
    caughtBy: reentrancy("B7"),
  },
  {
    name: "what telling of an error leads to is told in turn",
    file: "bus/reporter.ts",
    find: "this.#isReporting || ",
    replace: "",
    caughtBy: reentrancy("B7"),
  },
  {
    name: "errors are told without end before the event loop turns",
    file: "bus/reporter.ts",
    find: "this.#reports >= MAX_REPORTS",
    replace: "this.#reports < 0",
    caughtBy: reentrancy("B7"),
  },
  {
    name: "a handler that publishes what it handles never rests",
    file: "bus/handler_pump.ts",
    find: "if (this.#done >= MAX_DONE) return this.#rest();",
    replace: "",
    caughtBy: reentrancy("B7"),
  },
  {
    name: "a closed run that was evicted is opened anew",
    file: "bus/run_store.ts",
    find: 'if (wasClosed) log.ended = "closed";',
    replace: "",
    caughtBy: forgotten("B8"),
  },
  {
    name: "a run that goes on after it was evicted is taken for a new one",
    file: "bus/run_store.ts",
    find: "log.isContinued = wasClosed !== null;",
    replace: "",
    caughtBy: forgotten("B8"),
  },
  {
    name: "a reader without a cursor is not told that its run was forgotten",
    file: "log/reader_start.ts",
    find: 'if (log.isContinued) return { ...start, announce: "new_epoch" };',
    replace: "",
    caughtBy: forgotten("B8"),
  },
  {
    name: "runs that were forgotten are remembered without a bound",
    file: "bus/forgotten_runs.ts",
    find: "this.#recent.size >= GENERATION",
    replace: "this.#recent.size < 0",
    caughtBy: forgotten("B8"),
  },
  {
    name: "making room looks at every run",
    file: "bus/run_store.ts",
    find: "for (const { oldest } of this.#lists.slice(from, to)) {",
    replace:
      "for (const log of this.#logs.values()) if (log.head < 0) return log;\n    for (const { oldest } of this.#lists.slice(from, to)) {",
    caughtBy: steps("that are read, to the limit of runs"),
  },
  {
    name: "a payload with too many keys is copied to find that out",
    file: "capture_flat.ts",
    find: "if (bytes > maxBytes) return null;",
    replace: "",
    caughtBy: steps("300,000 keys no more"),
  },
  {
    name: "a copy goes on behind its bound",
    file: "copy_payload.ts",
    find: "if (this.bytes > this.#maxBytes) throw TOO_LARGE;",
    replace: "",
    caughtBy: steps("300,000 items no more"),
  },
  {
    name: "a wait is matched when the burst is over, not when its event is appended",
    file: "log/event_log.ts",
    find: "for (const waiter of this.waiters) waiter.offer(entry);",
    replace: "RESOLVED.then(() => this.waiters?.forEach((waiter) => waiter.offer(entry)));",
    caughtBy: waits("B10"),
  },
  {
    name: "a first event that a wait takes is not in its run's history",
    file: "bus/run_store.ts",
    find: "this.bytes -= log.bytes;\n    log.append(entry);",
    replace: "this.bytes -= log.bytes;\n    log.offer(entry);\n    log.append(entry);",
    caughtBy: waits("B10"),
  },
  {
    name: "a wait that is over stays registered",
    file: "bus/waiter.ts",
    find: "log.waiters?.delete(this);\n    if (log",
    replace: "if (log",
    caughtBy: waits("is offered nothing more"),
  },
  {
    name: "a wait counts as a reader that lags",
    file: "bus/waiter.ts",
    find: "return 0;",
    replace: "return super.depth;",
    caughtBy: waits("B10"),
  },
  {
    name: "the log of all runs numbers what it holds, not what the bus took",
    file: "log/global_log.ts",
    find: "this.head = order;\n    this.tail = order + 1;",
    replace: "",
    caughtBy: positions("Positions"),
  },
  {
    name: "the log of all runs is given up with its last reader",
    file: "bus/sources.ts",
    find: "if (!log.isResumable)",
    replace: "if (log.head >= 0)",
    caughtBy: contract("a reader of all runs goes on where another one stopped"),
  },
  {
    name: "the log of all runs is kept for good",
    file: "bus/sources.ts",
    find: 'this.#keepGlobal = setBackgroundTimer(() => this.endGlobal("evicted"), KEPT_MS);',
    replace: "",
    caughtBy: positions("and no longer"),
  },
  {
    name: "a reader has caught up before it has read",
    file: "log/log_position.ts",
    find: "      this.#cursor < this.#joinHead;",
    replace: "      this.#cursor < 0;",
    caughtBy: contract("a reader has caught up when it has taken what was there"),
  },
  {
    name: "a reader that leaves never catches up",
    file: "log/log_position.ts",
    find: "if (isBehind && !this.stopped) return;",
    replace: "if (isBehind) return;",
    caughtBy: contract("need not catch up"),
  },
  {
    name: "a reader of the last events is told of those before",
    file: "log/reader_start.ts",
    find: "if (isLast && cursor === wanted) return start;",
    replace: "",
    caughtBy: contract("goes on with what comes"),
  },
  {
    name: "a run that goes on is listed as what it goes on as",
    file: "log/run_log.ts",
    find: "this.started ??= kept;",
    replace: "this.started = kept;",
    caughtBy: lists("how a run began and ended"),
  },
  {
    name: "what lists say of a run takes as much memory as anybody wants",
    file: "log/run_log.ts",
    find: "const kept = bytes <= MAX_KEPT_BYTES",
    replace: "const kept = bytes >= 0",
    caughtBy: lists("keeps that small"),
  },
  {
    name: "several runs are read one after the other",
    file: "bus/merged_reader.ts",
    find: "if (order >= least) continue;",
    replace: "if (next !== undefined || order === Infinity) continue;",
    caughtBy: merged("Positions"),
  },
  {
    name: "of several runs, what is not selected is taken for the next",
    file: "log/log_position.ts",
    find: "if (entry.isHole || this.#matches?.(entry) !== false) return entry.order;",
    replace: "return entry.order;",
    caughtBy: merged("whatever lies between"),
  },
  {
    name: "a position moves over what a forgotten run has in its next life",
    file: "bus/merged_reader.ts",
    find: 'isRestarted || log.ended === "evicted"',
    replace: 'isRestarted || log.ended === "rejected"',
    caughtBy: merged("Positions"),
  },
  {
    name: "what several runs had in an earlier life is not missed",
    file: "bus/run_store.ts",
    find: "      log.droppedOrder = order;\n",
    replace: "",
    caughtBy: merged("Positions"),
  },
  {
    name: "what fell out of a history is not missed by a reader of several runs",
    file: "log/event_log.ts",
    find: "    this.droppedOrder = entry.order;\n",
    replace: "",
    caughtBy: merged("Positions"),
  },
  {
    name: "a run that is over keeps a reader of several runs from its end",
    file: "bus/merged_reader.ts",
    find: "ended !== null || atEnd)",
    replace: "ended === null && atEnd)",
    caughtBy: contract("says how reading each of them ended"),
  },
  {
    name: "a run that joins has no history",
    file: "bus/merge_runs.ts",
    find: " || joining.includes(log.name)",
    replace: "",
    caughtBy: contract("a run that joins a reader of several brings its history"),
  },
  {
    name: "a generator's steps belong to whoever asks for them",
    file: "../runtime/follow/followed.ts",
    find: ": handler((...given) => this.inside(() => call(...given)), args, call);",
    replace: ": handler(call, args, call);",
    caughtBy: following("B1"),
  },
  {
    name: "a step that waits for another one loses its run",
    file: "../runtime/follow/follow_iterator.ts",
    find: "const isQueued = iterator.next === AsyncGenerator.next;",
    replace: "const isQueued = iterator === AsyncGenerator;",
    caughtBy: following("B1"),
  },
  {
    name: "an iterator can only be left when its step is done",
    file: "../runtime/follow/follow_iterator.ts",
    find: "const isQueued = iterator.next === AsyncGenerator.next;",
    replace: "const isQueued = Symbol.asyncIterator in iterator;",
    caughtBy: following("B2"),
  },
  {
    name: "a step begins a turn after it was asked for",
    file: "../runtime/follow/follow_iterator.ts",
    find: "(running === undefined ? step() : running.then(step))",
    replace: "(running ?? Promise.resolve()).then(step)",
    caughtBy: following("B2"),
  },
  {
    name: "a query is executed by watching it",
    file: "../runtime/follow/follow_promise.ts",
    find: 'followed.replace(thenable, "then", (then, args) => {',
    replace: "Promise.resolve(thenable).catch(() => {});\n  " +
      'followed.replace(thenable, "then", (then, args) => {',
    caughtBy: followed("B2"),
  },
  {
    name: "a promise of a class of its own becomes another one",
    file: "../runtime/follow/follow_promise.ts",
    find: "isThenable(value) && Object.getPrototypeOf(value) === NativePromise.prototype &&\n" +
      "    value.constructor === NativePromise;",
    replace: "value instanceof NativePromise;",
    caughtBy: following("B2"),
  },
  {
    name: "a thenable is given callbacks that its consumer did not give",
    file: "../runtime/follow/follow_promise.ts",
    find: "else if (isPromise) args[index] = pass;",
    replace: "else if (isPromise || index >= 0) args[index] = pass;",
    caughtBy: following("B2"),
  },
  {
    name: "a rejection that nobody handles goes unreported",
    file: "../runtime/follow/follow_promise.ts",
    find: "for (const key of Reflect.ownKeys(promise)) {",
    replace: "followed.catch(() => {});\n  for (const key of Reflect.ownKeys(promise)) {",
    caughtBy: following("B2"),
  },
  {
    name: "a stream that refuses a call is over",
    file: "../runtime/follow/follow_stream.ts",
    find: "reason === error && end(",
    replace: "end(",
    caughtBy: { file: "../runtime/follow_stream_test.ts", test: "B2" },
  },
  {
    name: "an object that is returned often is watched each time",
    file: "../runtime/follow/follow.ts",
    find: "  objects.set(object, followed);\n",
    replace: "",
    caughtBy: followed("B2"),
  },
  {
    name: "a run that fails in the background ends the process",
    file: "run/with_run.ts",
    find: "  result.catch(report);\n",
    replace: "",
    caughtBy: background("B5"),
  },
  {
    name: "what a run waits for ends the process when it fails",
    file: "run/run_scope.ts",
    find: "}).then(settle);",
    replace: "});\n      Promise.resolve(work).then(settle);",
    caughtBy: background("B5"),
  },
  {
    name: "a callback that fails as the run ends, ends the process",
    file: "run/run_scope.ts",
    find: "void (async () => await fn())().catch(report);",
    replace: "void (async () => await fn())();",
    caughtBy: background("B5"),
  },
  {
    name: "a run is completed before what it waits for",
    file: "run/run_scope.ts",
    find: "if (--underWay > 0 || scope.isOver) return;",
    replace: "if (scope.isOver) return;",
    caughtBy: runs("waitUntil"),
  },
  {
    name: "a run that waits is closed",
    file: "run/with_run.ts",
    find: 'if (outcome !== "waiting") return run.bus.closeStream(run.id);',
    replace: "run.bus.closeStream(run.id);",
    caughtBy: runs("waits"),
  },
  {
    name: "what is repeated is stored again",
    file: "log/producers.ts",
    find: "seq <= known.seq",
    replace: "seq < known.seq",
    caughtBy: { file: "../contract/event_bus_test.ts", test: "any appends, claims and closes" },
  },
];
