/** Resolves when the event loop has turned: timers, requests and everything else had their chance. */
export function nextTurn(): Promise<void> {
  const { setImmediate = setTimeout } = globalThis as {
    setImmediate?: (callback: () => void) => unknown;
  };
  return new Promise((resolve) => void setImmediate(resolve));
}
