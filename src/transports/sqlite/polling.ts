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
export class Polling {
  readonly #options: PollingOptions;
  #stop: (() => void) | null = null;
  #looks = 0;
  #hasOthers = false;

  constructor(options: PollingOptions) {
    this.#options = options;
  }

  /** Somebody is about to read: from here on, nothing may be missed. */
  start(): void {
    if (this.#stop !== null || this.#options.pollMs === 0) return;
    this.#looks = 0;
    this.#look();
    this.#later();
  }

  end(): void {
    this.#stop?.();
    this.#stop = null;
  }

  #later(): void {
    const { pollMs, isRead, hasWritten } = this.#options;
    const next = () => {
      this.#stop = null;
      if (!isRead()) return;
      this.#look();
      this.#later();
    };
    // Readers wait for what others do: who writes alone has nobody to wait for.
    if (hasWritten() && !this.#hasOthers) {
      return void (this.#stop = setBackgroundTimer(next, pollMs));
    }
    const timer = setTimeout(next, pollMs);
    this.#stop = () => clearTimeout(timer);
  }

  #look(): void {
    try {
      if (this.#looks++ % LOOKS === 0) {
        this.#hasOthers = this.#options.hasOthers();
      }
      this.#options.look();
    } catch (error) {
      this.#options.onFailure(error);
    }
  }
}

/** It is asked that often who else is there. */
const LOOKS = 16;
