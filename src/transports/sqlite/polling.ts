import { setBackgroundTimer } from "../../runtime/background_timer.ts";

export interface PollingOptions {
  readonly pollMs: number;
  readonly isRead: () => boolean;
  readonly hasOthers: () => boolean;
  /** Whether this process has written something itself. One that has not can only wait for others. */
  readonly hasWritten: () => boolean;
  readonly look: () => void;
  readonly onFailure: (error: unknown) => void;
}

/** Looks now and then what other processes have stored, as long as somebody reads: it keeps only such a process alive. */
export function createPolling(
  { pollMs, isRead, hasOthers, hasWritten, look, onFailure }: PollingOptions,
) {
  let stop: (() => void) | null = null;
  let looks = 0;
  let isShared = false;
  return {
    /** Somebody is about to read: from here on, nothing may be missed. */
    start(): void {
      if (stop !== null || pollMs === 0) return;
      looks = 0;
      lookOnce();
      later();
    },
    end(): void {
      stop?.();
      stop = null;
    },
  };

  function later(): void {
    const next = () => {
      stop = null;
      if (!isRead()) return;
      lookOnce();
      later();
    };
    // Readers wait for what others do: who writes alone has nobody to wait for.
    if (hasWritten() && !isShared) return void (stop = setBackgroundTimer(next, pollMs));
    const timer = setTimeout(next, pollMs);
    stop = () => clearTimeout(timer);
  }

  function lookOnce(): void {
    try {
      if (looks++ % LOOKS === 0) isShared = hasOthers();
      look();
    } catch (error) {
      onFailure(error);
    }
  }
}

/** It is asked that often who else is there. */
const LOOKS = 16;
