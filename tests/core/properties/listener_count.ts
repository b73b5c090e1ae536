/** Makes signals, and counts who listens to them. */
export class ListenerCount {
  /** How many listen to signals of this count. */
  total = 0;

  /** A signal that counts, with its controller. */
  createAbort(): AbortController {
    const abort = new AbortController();
    const { signal } = abort;
    const [add, remove] = [signal.addEventListener, signal.removeEventListener];
    const listeners = new Set<unknown>();
    const count = (change: () => void) => {
      this.total -= listeners.size;
      change();
      this.total += listeners.size;
    };
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      count(() => listeners.add(args[1]));
      add.apply(signal, args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      count(() => listeners.delete(args[1]));
      remove.apply(signal, args);
    };
    // Whoever listens to an abort is called once, and is gone then.
    add.call(signal, "abort", () => count(() => listeners.clear()));
    return abort;
  }
}
