/** Calls `run` after so many milliseconds, unless what it returns is called first. It keeps no process alive. */
export function setBackgroundTimer(run: () => void, ms: number): () => void {
  const timer = setTimeout(run, ms);
  // A browser's is a number, and keeps nothing alive.
  (timer as { unref?(): unknown }).unref?.();
  return () => clearTimeout(timer);
}
