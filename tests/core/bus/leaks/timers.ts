/** Timers that were set and neither went off nor were cleared, since {@linkcode watchTimers}. */
export interface TimerWatch {
  readonly pending: number;
  stop(): void;
}

/** Watches the timers that are set from now on. */
export function watchTimers(): TimerWatch {
  const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;
  // Where a timer is an object, it may be cleared by its number.
  const pending = new Set<number>();
  const forget = (id: unknown) => void pending.delete(Number(id));
  const set = (start: typeof setTimeout, isOnce: boolean) =>
  (
    run: (...args: unknown[]) => void,
    ...rest: unknown[]
  ) => {
    const id: unknown = start((...args: unknown[]) => {
      if (isOnce) forget(id);
      run(...args);
    }, ...rest as [number]);
    pending.add(Number(id));
    return id;
  };
  Object.assign(globalThis, {
    setTimeout: set(setTimeout, true),
    setInterval: set(setInterval as typeof setTimeout, false),
    clearTimeout: (id: number) => (forget(id), clearTimeout(id)),
    clearInterval: (id: number) => (forget(id), clearInterval(id)),
  });
  return {
    get pending() {
      return pending.size;
    },
    stop: () =>
      void Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval }),
  };
}
