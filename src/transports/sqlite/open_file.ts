import type { Engine } from "./engine.ts";
import { unregister } from "./openers.ts";
import type { Opened } from "./opening.ts";

/** The file that a bus has open. Where it is gone, another one begins: in what was deleted, nobody would find anything. */
export class OpenFile {
  /** The same for all files that come after each other here. */
  readonly engine: Engine;
  readonly #reopen: () => Opened;
  #opened: Opened;
  // When it was looked last whether the file is still there.
  #lookedAt = 0;

  /** @throws {Error} If it cannot be opened. */
  constructor(reopen: () => Opened) {
    this.#reopen = reopen;
    this.#opened = reopen();
    this.engine = this.#opened.engine;
  }

  get opener(): string {
    return this.#opened.opener ?? "";
  }

  get isReadOnly(): boolean {
    return this.#opened.opener === null;
  }

  /** What is to be said of it: that something may be gone. */
  get losses(): readonly string[] {
    return this.#opened.losses;
  }

  /** Looks now and then whether the file is still there. Whether there is another one. @throws {Error} If there is none. */
  renew(): boolean {
    const now = performance.now();
    if (now - this.#lookedAt < CHECK_MS) return false;
    this.#lookedAt = now;
    const { isThere } = this.#opened;
    if (isThere === null || isThere()) return false;
    this.#lookedAt = 0;
    try {
      this.engine.close();
    } catch {
      // It was closed before, but no other could be opened.
    }
    const opened = this.#reopen();
    this.engine.replace(opened.database);
    this.#opened = { ...opened, engine: this.engine };
    return true;
  }

  close(): void {
    if (!this.isReadOnly) unregister(this.engine, this.opener);
    if (this.#opened.isOwn) this.engine.close();
  }
}

const CHECK_MS = 250;
