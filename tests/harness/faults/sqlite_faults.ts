/**
 * Faults of the bus in a file: each would lose something, or give a number twice, without a word.
 *
 * @module
 */
import type { Fault } from "./faults.ts";

const sqlite = (fault: Omit<Fault, "area">): Fault => ({
  ...fault,
  area: "transports",
  name: `sqlite: ${fault.name}`,
  file: `sqlite/${fault.file}`,
  caughtBy: { ...fault.caughtBy, file: `sqlite/${fault.caughtBy.file}` },
});

/** The faults of the bus in a file. */
export const sqliteFaults: readonly Fault[] = [
  sqlite({
    name: "two imports of a run are mixed",
    file: "run_writer.ts",
    find: 'if (recorded !== null && !isOf(recorded, known)) return "fenced";',
    replace: "",
    caughtBy: { file: "carry_runs_test.ts", test: "stores a run once" },
  }),
  sqlite({
    name: "an import that is killed leaves part of a run",
    file: "upkeep.ts",
    find: "if (!there.includes(opener)) undo(runId, importing);",
    replace: "",
    caughtBy: { file: "carry_runs_test.ts", test: "leaves nothing of a run" },
  }),
  sqlite({
    name: "a run that somebody goes on with is dropped with its import",
    file: "run_table.ts",
    find: "state.importing = importing;",
    replace: "state.importing ||= importing;",
    caughtBy: { file: "carry_runs_test.ts", test: "leaves nothing of a run" },
  }),
  sqlite({
    name: "what is missing from a recording counts as events",
    file: "run_writer.ts",
    find: "state.holes += work.count;",
    replace: "",
    caughtBy: { file: "carry_runs_test.ts", test: "counts what is missing as no events" },
  }),
  sqlite({
    name: "a recording may ask for numbers that are not exact",
    file: "calls.ts",
    find: "count = Math.min(count, Math.max(0, MAX_TOLD_SEQ - after));",
    replace: "",
    caughtBy: { file: "carry_runs_test.ts", test: "keeps every number exact" },
  }),
  sqlite({
    name: "an order is given again when the newest events were dropped",
    file: "run_table.ts",
    find: "this.order = meta.orders;",
    replace:
      'this.order = this.engine.one<{ n: number }>("SELECT coalesce(max(id), 0) AS n FROM locus_events")!.n;',
    caughtBy: { file: "restart_test.ts", test: "gives no number twice" },
  }),
  sqlite({
    name: "events that were lost take one number",
    file: "run_writer.ts",
    find: "work.seq = state.head += work.count;",
    replace: "work.seq = state.head += 1;",
    caughtBy: { file: "restart_test.ts", test: "announces what is lost" },
  }),
  sqlite({
    name: "runs go on in their epoch after the machine went down",
    file: "openers.ts",
    find: "return gone.length === 0 ? 0 : renewEpochs(engine);",
    replace: "return 0;",
    caughtBy: { file: "restart_test.ts", test: "renews the epochs" },
  }),
  sqlite({
    name: "who commits does not follow what others have committed before",
    file: "run_file.ts",
    find: "this.#follow(meta, onNews);",
    replace: "",
    caughtBy: { file: "shared_test.ts", test: "gives readers everywhere one order" },
  }),
  sqlite({
    name: "what was published last is not stored when a process exits",
    file: "file_bus.ts",
    find: "onExit(() => this.flushNow())",
    replace: "onExit(() => {})",
    caughtBy: { file: "exit_test.ts", test: "calls process.exit" },
  }),
  sqlite({
    name: "a file that was deleted is written to for ever",
    file: "open_file.ts",
    find: "if (isThere === null || isThere()) return false;",
    replace: "if (isThere === null || isThere !== null) return false;",
    caughtBy: { file: "faults_test.ts", test: "begins another file" },
  }),
  sqlite({
    name: "readers are told of what is not committed",
    file: "engine.ts",
    find: 'this.exec("COMMIT");',
    replace: 'this.exec("ROLLBACK");',
    caughtBy: { file: "restart_test.ts", test: "goes on in the same epoch" },
  }),
  sqlite({
    name: "a run that a process has left is running for ever",
    file: "archive.ts",
    find: '!there.has(row.opener ?? "")',
    replace: 'there.has("")',
    caughtBy: { file: "archive_test.ts", test: "left by a process that is gone" },
  }),
  sqlite({
    name: "a file that is only read is written to",
    file: "opening.ts",
    find: "if (isReadOnly) {",
    replace: "if (isReadOnly && path === undefined) {",
    caughtBy: { file: "read_only_test.ts", test: "leaves the file as it is" },
  }),
];
