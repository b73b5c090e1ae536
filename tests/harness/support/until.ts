/**
 * Waits for a state that nothing announces, such as that a server noticed that its client has left.
 *
 * @throws {Error} If it does not come about within `limitMs`.
 */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  limitMs = 5_000,
): Promise<void> {
  const giveUpAt = performance.now() + limitMs;
  while (!(await isSo())) {
    if (performance.now() > giveUpAt) throw new Error(`Waited in vain for ${limitMs} ms: ${what}`);
    await turn();
  }
}

/** Lets whatever waits for I/O go on. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}
