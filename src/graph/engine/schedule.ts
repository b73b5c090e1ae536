import type { Definition } from "../definition.ts";
import type { NextTask, Outcome, Task } from "../records/record.ts";

/** What runs in the next step, and what is held back. */
export class Schedule {
  readonly #definition: Definition;
  #frontier: readonly Task[] = [];
  #held: readonly Task[] = [];
  /** Of nodes with an `after` list: who of it is done since the last run. */
  #joins = new Map<string, readonly string[]>();
  /** What the tasks of the step came to. */
  done: Record<string, Outcome> = {};

  constructor(definition: Definition) {
    this.#definition = definition;
  }

  get frontier(): readonly Task[] {
    return this.#frontier;
  }

  get held(): readonly Task[] {
    return this.#held;
  }

  get joins(): Readonly<Record<string, readonly string[]>> {
    return Object.fromEntries(this.#joins);
  }

  get isEmpty(): boolean {
    return this.#frontier.length + this.#held.length === 0;
  }

  /** The nodes that still wait for others when nothing is left. */
  get unfilled(): readonly string[] {
    return this.isEmpty ? [...this.#joins.keys()] : [];
  }

  /** Takes over what a record says. */
  restore(
    frontier: readonly Task[],
    held: readonly Task[],
    joins: Readonly<Record<string, readonly string[]>>,
  ): void {
    [this.#frontier, this.#held] = [frontier, held];
    this.#joins = new Map(Object.entries(joins));
  }

  clear(): void {
    this.restore([], [], {});
  }

  /** Sets what runs next: targets once each, all sends; ids are unique if `prefix` is. */
  start(next: readonly NextTask[], prefix: string): void {
    this.#frontier = distinct(next).map(({ node, payload }, i) => {
      const task = { id: `${prefix}.${i}`, node };
      return payload === undefined ? task : { ...task, payload };
    });
  }

  /** Holds `defer` nodes back as long as there is something else to run. */
  release(): void {
    const isLate = ({ node }: Task) => this.#definition.nodes.get(node)?.defer === true;
    const early = this.#frontier.filter((task) => !isLate(task));
    const late = distinct([...this.#held, ...this.#frontier.filter(isLate)]);
    [this.#frontier, this.#held] = early.length > 0 ? [early, late] : [late, []];
  }

  /** What follows a step: the targets, and nodes whose `after` list is full. */
  follow(frontier: readonly Task[], targets: readonly NextTask[]): NextTask[] {
    const { nodes, joins } = this.#definition;
    const next = targets.filter(({ node }) => nodes.get(node)?.after === undefined);
    for (const { id, node } of frontier) {
      if (this.done[id]?.status !== "completed") continue;
      for (const [waiting, after] of joins) {
        if (!after.includes(node)) continue;
        const done = [...new Set([...this.#joins.get(waiting) ?? [], node])];
        this.#joins.set(waiting, done);
        if (done.length < after.length) continue;
        this.#joins.delete(waiting);
        next.push({ node: waiting });
      }
    }
    return next;
  }
}

/** Tasks of one node without a payload are one task. */
function distinct<T extends NextTask>(tasks: readonly T[]): T[] {
  const seen = new Set<string>();
  return tasks.filter(({ node, payload }) => {
    if (payload !== undefined) return true;
    const isNew = !seen.has(node);
    seen.add(node);
    return isNew;
  });
}
