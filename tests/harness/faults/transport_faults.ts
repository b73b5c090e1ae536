/**
 * Faults of the buses that several processes share: one of each kind that was found in use.
 *
 * @module
 */
import type { Fault } from "./faults.ts";

const shared = (test: string) => ({ file: "shared_faults_test.ts", test });

/** A fault of what the engines share. */
const remote = (fault: Omit<Fault, "area">): Fault => ({
  ...fault,
  area: "transports",
  file: `remote/${fault.file}`,
});

/** A fault of one engine, which its own tests notice. */
const engine = (folder: string, fault: Omit<Fault, "area">): Fault => ({
  ...fault,
  area: "transports",
  file: `${folder}/${fault.file}`,
  caughtBy: { ...fault.caughtBy, file: `${folder}/${fault.caughtBy.file}` },
});

/** The faults of shared buses. */
export const transportFaults: readonly Fault[] = [
  remote({
    name: "what another process stored is not filled in for a position of it",
    file: "all_runs_feed.ts",
    find: "const isWhole = await this.#fill(log, after, signal);",
    replace: "const isWhole = await Promise.resolve(true);",
    caughtBy: { file: "positions_test.ts", test: "memory: a reader of all runs goes on" },
  }),
  remote({
    name: "of several runs, one does not wait for what another may still have before it",
    file: "run_order.ts",
    find: "to = Math.min(to, known);",
    replace: "to = Math.max(to, known);",
    caughtBy: { file: "positions_test.ts", test: "waits" },
  }),
  {
    name: "a reader of several runs goes on in a run that began anew",
    file: "log/log_position.ts",
    find: "return this.isUntold && this.#after !== undefined;",
    replace: "return this.isUntold && this.#after === null;",
    caughtBy: { file: "../transports/positions_test.ts", test: "begins anew" },
  },
  remote({
    name:
      "of several runs, the one that the store has nothing of is not told that the order began again",
    file: "run_mirror.ts",
    find: "if (isOver) this.#tellOver(reader, newcomer, start, place);",
    replace: "if (isOver) room.isFilling = false;",
    caughtBy: { file: "positions_test.ts", test: "memory: after a wipe" },
  }),
  remote({
    name: "a position that is none is taken for one of an order that is over",
    file: "run_mirror.ts",
    find: 'move(reader, room, { cursor: 0, recovery: "restarted", announce });',
    replace: 'move(reader, room, { cursor: 0, recovery: "restarted", announce: "new_epoch" });',
    caughtBy: { file: "remote_bus_contract_test.ts", test: "none has each of several runs" },
  }),
  remote({
    name: "whoever reads all runs does not recover from a lost link",
    file: "all_runs_feed.ts",
    find: "this.#early = [];\n    this.#asksAgain = true;\n    this.#work();",
    replace: "",
    caughtBy: shared("C2"),
  }),
  remote({
    name: "a store that was started anew is not announced to who reads all runs",
    file: "all_runs_feed.ts",
    find: "const isOther = place.epoch !== log.epoch || place.order < log.head;",
    replace: "const isOther = place.order < log.head;",
    caughtBy: shared("C1"),
  }),
  remote({
    name: "a run goes on under another epoch without a word, for who reads all runs",
    file: "fed_runs.ts",
    find: "return { log, isOther };",
    replace: "return { log, isOther: false };",
    caughtBy: shared("C1"),
  }),
  remote({
    name: "a hole in the order of all runs goes unnoticed",
    file: "all_runs_feed.ts",
    find: "if (!isOurs || from > at) {",
    replace: "if (!isOurs) {",
    caughtBy: shared("C2"),
  }),
  remote({
    name: "what the store does not know any more is not announced",
    file: "feed_entries.ts",
    find: "entries.push(gapOf(epoch, loss));",
    replace: "",
    caughtBy: shared("C2"),
  }),
  remote({
    name: "what came and went unread is not announced to who reads all runs",
    file: "fed_runs.ts",
    find: "if (head < last) yield",
    replace: "if (head > last) yield",
    caughtBy: shared("C2"),
  }),
  {
    name: "a selection swallows holes",
    file: "log/log_position.ts",
    find: "if (entry.isHole) return",
    replace: "if (entry.isHole && matches === undefined) return",
    caughtBy: { file: "../transports/shared_faults_test.ts", test: "C2" },
  },
  remote({
    name: "of a run that nothing waits for, lost events are only counted",
    file: "outbox.ts",
    find: "const queue = this.#open(runId);\n    const last = queue?.at(-1);",
    replace: "const queue = this.#queues.get(runId);\n    const last = queue?.at(-1);",
    caughtBy: shared("C3"),
  }),
  remote({
    name: "events that were refused for good are forgotten",
    file: "outbox.ts",
    find: "this.#owed.set(runId, count);",
    replace: "this.#owed.size;",
    caughtBy: shared("C3"),
  }),
  remote({
    name: "a hole costs everything that is before it",
    file: "take_page.ts",
    find: "if (log.head === 0) log.startAt(position, order);",
    replace: "if (position > 0) log.startAt(position, order);",
    caughtBy: shared("C4"),
  }),
  remote({
    name: "the numbers of a hole count as events that a reader lags behind",
    file: "mirror_log.ts",
    find: "return missing < 0 ? this.#entries.fromEnd(count)!.seq :",
    replace: "return count > 0 ? this.head - count :",
    caughtBy: shared("C4"),
  }),
  remote({
    name: "an id is judged by what this process remembers",
    file: "run_mirror.ts",
    find:
      'return recovery === "none" || (recovery !== "restarted" && this.#watch.identity.isKnown);',
    replace: "return recovery.length > 0;",
    caughtBy: shared("C5"),
  }),
  remote({
    name: "an id is judged although the store has nothing of the run",
    file: "run_mirror.ts",
    find: 'if (!isHeld && (isOrdered || start.recovery === "restarted")) {',
    replace: "if (!isHeld && isOrdered) {",
    caughtBy: shared("C5"),
  }),
  remote({
    name: "who comes back to what the store has nothing of waits until it begins to have caught up",
    file: "run_mirror.ts",
    find: "if (!reader.position.isUntold) move(reader, room, startLive(room));",
    replace: "",
    caughtBy: { file: "remote_bus_contract_test.ts", test: "comes back to several runs" },
  }),
  remote({
    name: "an incarnation that came and went while nothing was heard is not announced",
    file: "run_watch.ts",
    find: "if (this.#recalled < this.#misses) await this.#recall();",
    replace: "",
    caughtBy: shared("C6"),
  }),
  remote({
    name: "the next that is heard makes sure that nothing came and went before it",
    file: "run_watch.ts",
    find: "this.identity.heard(epoch, last, this.#recalled === this.#misses);",
    replace: "this.identity.heard(epoch, last, true);",
    caughtBy: shared("C6"),
  }),
  remote({
    name: "an order without a name is taken for the same one",
    file: "run_watch.ts",
    find: 'news !== null && news.place.epoch !== "" &&',
    replace: "news !== null &&",
    caughtBy: shared("C6"),
  }),
  remote({
    name: "an incarnation that came and went before the first look is not announced",
    file: "run_identity.ts",
    find: "if (!wasAnother) return",
    replace: "if (this.doubts === 0) return",
    caughtBy: shared("C6"),
  }),
  remote({
    name: "late news of an incarnation that is gone is not announced",
    file: "run_identity.ts",
    find: "else if (!this.#isSure) this.doubts++;",
    replace: "",
    caughtBy: shared("C6"),
  }),
  remote({
    name: "events that are evicted unread vanish",
    file: "run_watch.ts",
    find: "page: latest && identity.pageOf(latest, after), place",
    replace: "page: null, place",
    caughtBy: shared("C6"),
  }),
  {
    name: "a reader that leaves before it was told of a new epoch is never told",
    file: "log/reader_start.ts",
    find: 'return { ...restart, after, announce: "new_epoch" };',
    replace: 'return { ...restart, announce: "new_epoch" };',
    caughtBy: { file: "log/resume_test.ts", test: "C6" },
  },
  remote({
    name: "a reader that leaves before it was told that a run begins anew is never told",
    file: "run_mirror.ts",
    find: "const after = reader.position.cursor;",
    replace: "const after = undefined;",
    caughtBy: shared("C6"),
  }),
  engine("nats", {
    name: "a stream that another process makes at the same moment cannot be made",
    file: "make_stream.ts",
    find: 'if (isRefusal(error, "subjectsOverlap") && await appears(link, name)) return false;',
    replace: "",
    caughtBy: { file: "make_stream_test.ts", test: "at the same moment" },
  }),
  engine("nats", {
    name: "a reading of the stream has holes where messages were lost on their way",
    file: "scan.ts",
    find: "if (place === null || !isNext(place.count)) return;",
    replace: "if (place === null) return;",
    caughtBy: { file: "scan_test.ts", test: "loses message 1 of 4" },
  }),
  engine("nats", {
    name: "a server that fails to make the stream once is never asked again",
    file: "make_stream.ts",
    find: 'if (!isRefusal(error, "unfit")) throw error;',
    replace: "",
    caughtBy: { file: "nats_bus_test.ts", test: "fails to make the stream" },
  }),
  engine("nats", {
    name: "a reader of all runs has no place while there is no stream",
    file: "nats_store.ts",
    find: "isNeeded: this.#all !== null,",
    replace: "isNeeded: false,",
    caughtBy: { file: "nats_bus_test.ts", test: "reads all runs makes the stream" },
  }),
  engine("nats", {
    name: "two streams count the same numbers",
    file: "make_stream.ts",
    find: "await ask(link, `STREAM.PURGE.${name}`, { seq: firstNumberOf(info) });",
    replace: "",
    caughtBy: { file: "nats_bus_test.ts", test: "has not heard that the stream was deleted" },
  }),
  remote({
    name: "a bus that was closed takes readers",
    file: "remote_bus.ts",
    find: "if (this.#isClosed) return this.#nowhere(source.log);",
    replace: "",
    caughtBy: shared("C7"),
  }),
  remote({
    name: "what is refused for good is tried for ever",
    file: "retry.ts",
    find: "if (error instanceof PermanentError) throw error;",
    replace: "",
    caughtBy: shared("C8"),
  }),
  remote({
    name: "an append takes its number before its turn, and is taken for a repeated one",
    file: "outbox.ts",
    find: "let own: Required<Producer> | null = null;",
    replace: "let own: Required<Producer> | null = this.#nextProducer();",
    caughtBy: { file: "remote_append_test.ts", test: "in the midst of publishes" },
  }),
  engine("redis", {
    name: "events that begin anew, because they were gone, never expire",
    file: "scripts.ts",
    find: "isNew = isNew or length == #entries",
    replace: "",
    caughtBy: { file: "store_test.ts", test: "was gone for a moment" },
  }),
  engine("redis", {
    name: "a run to which something happens is forgotten",
    file: "script_parts.ts",
    find: "now <= state.touched + untouched",
    replace: "true",
    caughtBy: { file: "store_test.ts", test: "keeps a run for as long" },
  }),
  engine("redis", {
    name: "a client of a cluster is taken",
    file: "connection.ts",
    find: 'if (isCluster === true || typeof nodeClient === "function") {',
    replace: "if (isCluster === nodeClient && isCluster !== undefined) {",
    caughtBy: { file: "configuration_test.ts", test: "takes a connected client of one server" },
  }),
];
