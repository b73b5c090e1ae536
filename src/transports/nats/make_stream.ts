import { PermanentError } from "../remote/permanent_error.ts";
import { pause } from "../remote/retry.ts";
import { type Answer, ask, type Asking, isRefusal, record } from "./api.ts";
import type { StreamConfig } from "./stream_config.ts";
import { firstNumberOf } from "./stream_order.ts";

// Messages of a stream that is not open yet: none is as small.
const CLOSED_SIZE = 1;
// How often to look for a stream that another process seems to make, and how long apart.
const APPEARANCES = 20;
const APPEARS_MS = 25;

/**
 * Makes a stream, closed: it takes no message yet. False if another process was faster.
 *
 * @throws {PermanentError} If no server makes it.
 */
export async function createClosed(
  link: Asking,
  name: string,
  config: StreamConfig,
): Promise<boolean> {
  const closed = { ...config, max_msg_size: CLOSED_SIZE };
  try {
    return (await ask(link, `STREAM.CREATE.${name}`, closed))["did_create"] === true;
  } catch (error) {
    if (isRefusal(error, "nameInUse")) return false;
    // Said as well where another process makes the same stream at this moment.
    if (isRefusal(error, "subjectsOverlap") && await appears(link, name)) return false;
    // Whatever else there is may pass, if only because somebody else's stream is deleted.
    if (!isRefusal(error, "unfit")) throw error;
    throw new PermanentError(`NATS: the stream "${name}" cannot be made: ${error.message}`);
  }
}

/** Whether there is a stream, or there is one soon. */
async function appears(link: Asking, name: string): Promise<boolean> {
  const { signal } = new AbortController();
  for (let tries = 0;; tries++) {
    try {
      await ask(link, `STREAM.INFO.${name}`, null);
      return true;
    } catch (error) {
      if (!isRefusal(error, "noStream")) throw error;
      if (tries === APPEARANCES) return false;
    }
    await pause(APPEARS_MS, signal);
  }
}

/**
 * Has a closed stream begin to count at a number where no other one has counted, and opens it. So a message that goes
 * on from one of a stream that was deleted is refused. Two processes may do so at the same time: they find the same
 * number, so the second takes nothing away.
 */
export async function open(link: Asking, name: string, config: StreamConfig): Promise<void> {
  const info = await ask(link, `STREAM.INFO.${name}`, null);
  if (!isClosed(info)) return;
  await ask(link, `STREAM.PURGE.${name}`, { seq: firstNumberOf(info) });
  await ask(link, `STREAM.UPDATE.${name}`, { ...config, max_msg_size: -1 });
}

/** Whether a stream was made, but not opened. */
export function isClosed(info: Answer): boolean {
  return record(info["config"])?.["max_msg_size"] === CLOSED_SIZE;
}
