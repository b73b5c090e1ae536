/** Runs the tasks of one key one after the other; those of different keys do not wait for each other. */
export class InTurn {
  // Only keys with a task under way.
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs `task` when all earlier ones of the key are over, however they ended. */
  async run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const result = before === undefined ? task() : before.then(task, task);
    this.#last.set(key, result);
    try {
      return await result;
    } finally {
      if (this.#last.get(key) === result) this.#last.delete(key);
    }
  }
}
