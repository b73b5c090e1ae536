/** The id of a new incarnation of a log. 48 random bits: enough that no two of one run are the same. */
export function createEpoch(): string {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2));
  return ((high! & 0xffff) * 2 ** 32 + low!).toString(36);
}
