import type { Definition, Values } from "../definition.ts";
import type { Outcome, Question, Task } from "../records/record.ts";
import type { GraphSpan } from "./graph_span.ts";
import type { Inner, InnerEnd, NodePlace } from "./node_context.ts";
import { runTask } from "./node_run.ts";
import { untilStored } from "./saves.ts";
import { pathOf, type Session, stillWaiting } from "./session.ts";

/** A step as it runs. */
export interface Step {
  readonly definition: Definition;
  readonly session: Session;
  readonly ns: string;
  readonly span: GraphSpan;
  readonly number: number;
  readonly frontier: readonly Task[];
  readonly state: Values;
  readonly signal: AbortSignal | undefined;
  readonly isResuming: boolean;
  /** How often each task was begun, where that was more than once. */
  readonly executions: Readonly<Record<string, number>>;
  /** What its tasks came to; added to as they end. */
  readonly done: Record<string, Outcome>;
  /** What failed by itself; added to. */
  readonly errors: Record<string, string>;
  /** The record that the step is behind. */
  readonly seq: number;
  readonly runInner: (span: NodePlace["span"], inner: Inner) => Promise<InnerEnd>;
}

/** Runs what of a step is not done yet. @returns The questions, in the step's order. */
export async function runTasks(step: Step): Promise<Question[]> {
  const { definition, session, frontier, done, executions } = step;
  const { interruptBefore, interruptAfter, onFailure, maxConcurrency } = definition;
  const asked = new Map<string, readonly Question[]>();
  const work: (readonly [Task, readonly string[]])[] = [];
  for (const task of frontier) {
    const { id, node } = task;
    if (id in done) continue;
    const path = pathOf(step.ns, id);
    const waiting = stillWaiting(session, path);
    const stop = interruptBefore.includes(node) ? stopAt(step, "before", task) : [];
    if (waiting.length + stop.length > 0) asked.set(id, waiting.length > 0 ? waiting : stop);
    // Most tasks begin for the first time, and have nothing to look up.
    else work.push([task, executions[id] ? await session.log.onceKeys(path.join("/")) : []]);
  }
  const halt = onFailure === "stop" ? new AbortController() : undefined;
  const signal = halt === undefined
    ? step.signal
    : AbortSignal.any([halt.signal, ...step.signal ? [step.signal] : []]);
  const parallel = frontier.length > 1;
  const because = step.isResuming ? session.because : "scheduled";
  const begin = ([task, kept]: typeof work[number]) => {
    const execution = executions[task.id] ?? 1;
    const details = { step: step.number, parallel, execution, because, kept, state: step.state };
    return { task, execution, span: step.span.node(task, details) };
  };
  const run = async ({ task, execution, span }: ReturnType<typeof begin>): Promise<void> => {
    const place: NodePlace = {
      session,
      task,
      path: pathOf(step.ns, task.id),
      step: step.number,
      execution,
      span: span.span,
      signal,
      runInner: (inner) => step.runInner(span.span, inner),
    };
    const ended = await runTask(definition, place, step.state, span);
    if ("questions" in ended) return void asked.set(task.id, ended.questions);
    const { outcome } = ended;
    done[task.id] = outcome;
    if (outcome.status === "failed") {
      // What fails because it was stopped is not what is wrong.
      if (!signal?.aborted) step.errors[task.node] = outcome.error ?? "";
      halt?.abort();
    } else if (parallel && session.savesSteps) {
      await untilStored(session.log.keep(step.seq, task.id, outcome), signal);
    }
  };
  const later = work.splice(maxConcurrency);
  // All begin before the first is called.
  await Promise.all(
    work.map(begin).map(async (first) => {
      await run(first);
      for (let next; !signal?.aborted && (next = later.shift()) !== undefined;) {
        await run(begin(next));
      }
    }),
  );
  for (const task of frontier) {
    if (!interruptAfter.includes(task.node) || asked.has(task.id)) continue;
    if (done[task.id]?.status === "completed") asked.set(task.id, stopAt(step, "after", task));
  }
  return frontier.flatMap(({ id }) => asked.get(id) ?? []);
}

/** A stop that was asked for at a node is a question like any other. */
function stopAt({ session, ns }: Step, when: "before" | "after", task: Task): readonly Question[] {
  const path = pathOf(ns, task.id);
  const id = `int_${session.tag}_${path.join("_")}_${when}`;
  if (id in session.answers) return [];
  return [{ id, node: task.node, question: { type: `interrupt_${when}`, node: task.node }, path }];
}
