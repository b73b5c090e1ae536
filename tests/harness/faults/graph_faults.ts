/**
 * Faults of graphs: each would repeat work, lose an answer, or mix two branches, and most of the time nobody would see it.
 *
 * @module
 */
import type { Fault } from "./faults.ts";

const RUN = "engine/graph_run.ts";
const POSITION = "engine/position.ts";
const LOG = "records/thread_log.ts";
const CHAIN = "records/value_chain.ts";

const BEHAVIOURS = "behaviours_test.ts";
const DEATHS = "death_property_test.ts";
const KEEPING = "keeping_test.ts";

/** The name, the file, the text that is replaced, what with, and the tests that must notice. */
type Row = readonly [
  name: string,
  file: string,
  find: string,
  replace: string,
  tests: string,
  test: string,
];

const rows: readonly Row[] = [
  [
    "a node runs before its claim is stored",
    RUN,
    "if (claim !== null) await untilStored(claim.stored, this.#signal);",
    "",
    BEHAVIOURS,
    "21",
  ],
  [
    "a record's number is no lock",
    LOG,
    "if (!await this.#claim(record.seq, text)) {",
    "if (!await this.#claim(record.seq, text) && record.seq < 0) {",
    BEHAVIOURS,
    "21",
  ],
  [
    "a task's id does not name its record",
    POSITION,
    "this.schedule.start(next, String(seq));",
    'this.schedule.start(next, "1");',
    DEATHS,
    "a graph that dies",
  ],
  [
    "results of a step are kept under another number",
    "engine/step_tasks.ts",
    "session.log.keep(step.seq, task.id, outcome)",
    "session.log.keep(0, task.id, outcome)",
    "processes_test.ts",
    "those that have ended do not run again",
  ],
  [
    "results of once() are of any task",
    LOG,
    "`o-${escapeKey(task)}-${escapeKey(key)}`",
    "`o-${escapeKey(task).length}-${escapeKey(key)}`",
    DEATHS,
    "a graph that dies",
  ],
  [
    "an answer is not in the record that claims it",
    POSITION,
    '...isRoot && isOpen && given("answers", answers),',
    "",
    BEHAVIOURS,
    "22",
  ],
  [
    "who asks reads what siblings wrote when it is answered",
    RUN,
    "if (isCut || questions.length > 0) this.#view = values;",
    "if (isCut || questions.length > 0) this.#view = at.values = values;",
    BEHAVIOURS,
    "16 to 18 and 23",
  ],
  [
    "nodes whose questions wait run again with the one that was answered",
    "engine/session.ts",
    "return own.some(({ id }) => id in session.answers) ? [] : own;",
    "return own.some(({ id }) => id in session.answers) ? own.slice(own.length) : [];",
    BEHAVIOURS,
    "16 to 18 and 23",
  ],
  [
    "the last record of a level is not what later ones are on top of",
    CHAIN,
    "for (let level = levelOf(depth); level >= 0; level--)",
    "for (let level = levelOf(depth) - 1; level >= 0; level--)",
    "threads_test.ts",
    "a long thread stores little more",
  ],
  [
    "a number is taken that is free as its record was removed",
    LOG,
    "if (!this.#isPruned || seq === 1 ||",
    "if (this.#isPruned || seq === 1 ||",
    KEEPING,
    "a run that was overtaken",
  ],
  [
    "records are removed that newer ones are on top of",
    LOG,
    "need = Math.min(need, at.low);",
    "need = Math.min(at.seq, at.low + 1);",
    KEEPING,
    "keepCheckpoints removes what is older",
  ],
  [
    "an effect runs ahead of the record that its task is of",
    "engine/node_context.ts",
    "await session.log.stored();",
    "",
    KEEPING,
    "save: behind holds an effect",
  ],
  [
    "saves run more than one step behind",
    "engine/saves.ts",
    "await this.#stored();\n    const { record",
    "const { record",
    KEEPING,
    "save: behind begins the next step",
  ],
  [
    "a branch does not go on from what a graph inside kept there",
    POSITION,
    "this.kept = record.kept ?? {};",
    "",
    KEEPING,
    "a graph inside keeps its state from call to call",
  ],
  [
    "what graphs inside keep stays behind when a branch gets a thread of its own",
    POSITION,
    "ends.push([node, moved.end]);",
    "",
    KEEPING,
    "a branch in another thread takes along",
  ],
  [
    "an agent in a graph tells its question before an answer would reach it",
    "agent_node.ts",
    "holdQuestions(ctx.span.run, (given) => void (tell = given));",
    "",
    "agent_node_test.ts",
    "an agent's question in a graph is told once",
  ],
  [
    "a graph says itself what an agent in it asks, and not where",
    "engine/node_context.ts",
    "if (by?.tell !== undefined) session.tells.set(id, by.tell);",
    "",
    "agent_node_test.ts",
    "an agent's question in a graph is told once",
  ],
];

/** The faults of graphs. */
export const graphFaults: readonly Fault[] = rows.map((
  [name, file, find, replace, tests, test],
) => ({
  name: `graph: ${name}`,
  area: "graph",
  file,
  find,
  replace,
  caughtBy: { file: tests, test },
}));
