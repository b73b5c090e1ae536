/**
 * A part of the page that is loaded when it is first needed: `new Lazy(() => import("./part.ts"), redraw)`. The build
 * makes a file of it, and `LIMITS` in `build.ts` says what it may weigh.
 *
 * @module
 */

/** The part. `onChange` is called when it is there, or cannot be had. */
export class Lazy<T> {
  /** Null until it is there. */
  value: T | null = null;
  /** Why it is not; "" while it may come. */
  problem = "";
  readonly #load: () => Promise<T>;
  readonly #onChange: () => void;
  #loading: Promise<T | null> | null = null;

  constructor(load: () => Promise<T>, onChange: () => void) {
    this.#load = load;
    this.#onChange = onChange;
  }

  /** Loads it, unless that was done. After a failure it is tried again. */
  get(): T | null {
    if (this.value === null) void this.load();
    return this.value;
  }

  /** The part, as soon as it is there; null if it cannot be had, which `problem` says. */
  load(): Promise<T | null> {
    return this.#loading ??= this.#fetch();
  }

  async #fetch(): Promise<T | null> {
    try {
      this.value = await this.#load();
      this.problem = "";
    } catch {
      // The names of these files change with what is in them.
      this.problem =
        "The server did not send this part of the page. If it was updated, reload the page.";
      setTimeout(() => {
        this.#loading = null;
        this.#onChange();
      }, RETRY_MS);
    }
    this.#onChange();
    return this.value;
  }
}

const RETRY_MS = 2_000;
