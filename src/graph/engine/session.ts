import type { TellQuestion } from "../../core/run/questions.ts";
import { builtinOf } from "../../runtime/realm.ts";
import type { Definition } from "../definition.ts";
import { GraphError } from "../errors.ts";
import type { Answer, GraphRecord, Question } from "../records/record.ts";
import type { ThreadLog } from "../records/thread_log.ts";
import type { GraphStreamEvent } from "../types/graph.ts";
import { checkJson } from "./outcome.ts";
import type { Because } from "./voice.ts";

/** What one call of a graph shares with the graphs inside of it. */
export interface Session {
  readonly threadId: string;
  /** What the ids of its questions begin with. */
  readonly tag: string;
  readonly log: ThreadLog;
  /** Name of the kind of store; null where the thread is kept in this process only. */
  readonly backend: string | null;
  /** Whether each step is saved. */
  readonly savesSteps: boolean;
  /** Whether a step may run while the record before it is stored. */
  readonly savesBehind: boolean;
  readonly drain: { reason: string | null };
  readonly store: unknown;
  /** Hands a piece to the stream, if there is one. */
  readonly tell?: (event: GraphStreamEvent<unknown>) => void;
  /** Resolves when the pieces of the last step are taken. */
  readonly taken?: () => Promise<void>;
  /** Called before the first record of a thread that is not stored. */
  readonly keepHere: () => void;
  /** Graphs inside that are not over. */
  readonly inside: Set<Promise<unknown>>;
  /** Who tells a question in place of the graph, by its id. */
  readonly tells: Map<string, TellQuestion>;
  /** The last record of the outermost graph. */
  root: number;
  /** What is gone on with; of no more effect when its first step is over. */
  because: Because;
  answers: Readonly<Record<string, Answer>>;
  waits: readonly Question[];
}

/** The answers that a call brings, with their questions, checked against what waits; a `Map` has several, by id. */
export function readAnswers(
  owner: string,
  record: GraphRecord | null,
  threadId: string,
  answer: unknown,
  interruptId: string | undefined,
): Record<string, Answer> {
  const { waits = [], answers = {}, kind } = record ?? {};
  const open = kind === "wait" ? waits : [];
  if (open.length === 0) {
    throw new GraphError("nothing_waits", `Thread "${threadId}" does not wait for an answer`);
  }
  const several = builtinOf(answer) === "Map" ? answer as ReadonlyMap<string, unknown> : null;
  if (several !== null) {
    if (interruptId !== undefined || several.size === 0) {
      throw new TypeError(
        `${owner}: a Map of answers has an answer for each id, and needs no "interruptId"`,
      );
    }
  } else if (interruptId === undefined && open.length > 1) {
    const ids = open.map(({ id }) => id).join(", ");
    throw new GraphError("which_question", `${open.length} questions wait; name one: ${ids}`);
  }
  const given = several ?? [[interruptId ?? open[0]!.id, answer] as const];
  const taken = { ...answers };
  for (const [id, value] of given) {
    if (value === undefined) {
      throw new TypeError(`${owner}: the answer must be JSON, such as null; got undefined`);
    }
    const question = open.find((question) => question.id === id);
    if (question === undefined) {
      throw new GraphError("unknown_question", `Thread "${threadId}" has no question "${id}"`);
    }
    checkJson(value, "answer");
    taken[question.id] = { question: question.question, value };
  }
  return taken;
}

/** Refuses a record whose next nodes the graph does not have. */
export function checkNodes({ nodes }: Definition, record: GraphRecord, threadId: string): void {
  for (const { node } of record.next) {
    if (nodes.has(node)) continue;
    throw new GraphError(
      "node_gone",
      `Thread "${threadId}" goes on at node "${node}", which this graph does not have`,
    );
  }
}

/** The questions of a task that wait, where none of them was answered now: it need not run again. */
export function stillWaiting(session: Session, path: readonly string[]): readonly Question[] {
  const own = session.waits.filter((question) => path.every((id, i) => question.path[i] === id));
  return own.some(({ id }) => id in session.answers) ? [] : own;
}

/** The place of a task among those that run each other. */
export function pathOf(ns: string, task: string): string[] {
  return [...ns.split("/").slice(1), task];
}
