import { delay } from "../core/waits.ts";

/**
 * Reads something, and again if that fails: another process may be writing it, and a file that is written anew is empty first.
 *
 * @throws What the last attempt throws.
 */
export async function readSettled<T>(read: () => Promise<T>): Promise<T> {
  for (let attempt = 1;; attempt++) {
    try {
      return await read();
    } catch (error) {
      if (attempt === READS) throw error;
      await delay(attempt * 5);
    }
  }
}

const READS = 5;
