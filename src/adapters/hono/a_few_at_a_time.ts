/** How many questions to a bus or a callback are under way at the same time. */
export const AT_ONCE = 16;

/** What `fn` makes of each item, in their order, while it works on no more than {@linkcode AT_ONCE}. */
export async function mapAFewAtATime<T, R>(
  items: readonly T[],
  fn: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  for (let i = 0; i < items.length; i += AT_ONCE) {
    results.push(...await Promise.all(items.slice(i, i + AT_ONCE).map(fn)));
  }
  return results;
}
