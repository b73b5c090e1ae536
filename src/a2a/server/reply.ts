import type { Part } from "../protocol/types.ts";
import type { TaskLog } from "./task_log.ts";

/**
 * The artifact `reply`, as it grows.
 *
 * Pieces of text are put together for 50 ms or 4,096 characters. The last piece is held back until the next one or the
 * end comes, so that there always is one to be the last. Whether a text is the answer is known only when the model has
 * finished its turn; if it is not, what comes next takes its place.
 */
export class Reply {
  readonly #log: TaskLog;
  #sent = "";
  #pending = "";
  #since = 0;

  constructor(log: TaskLog) {
    this.#log = log;
  }

  /** The model writes. */
  add(text: string): void {
    const isDue = this.#pending.length >= 4096 ||
      performance.now() - this.#since >= 50;
    if (this.#pending !== "" && isDue) this.#flush(false);
    if (this.#pending === "") this.#since = performance.now();
    this.#pending += text;
  }

  /** What was written is not the answer. */
  discard(): void {
    this.#sent = this.#pending = "";
  }

  /** Writes the rest of the answer, or the answer in place of what was written. */
  end(text: string, parsed: unknown): void {
    if (parsed !== null) {
      return this.#put([{ data: parsed, mediaType: "application/json" }]);
    }
    if (this.#pending !== "" && this.#sent + this.#pending === text) {
      return this.#flush(true);
    }
    if (text !== "" || this.#isThere) this.#put([{ text }]);
  }

  get #isThere(): boolean {
    return this.#log.place.task.artifacts?.some((one) => one.artifactId === ID) === true;
  }

  #flush(isLast: boolean): void {
    this.#write([{ text: this.#pending }], this.#sent !== "", isLast);
    this.#sent += this.#pending;
    this.#pending = "";
  }

  #put(parts: readonly Part[]): void {
    this.#write(parts, false, true);
  }

  #write(parts: readonly Part[], append: boolean, lastChunk: boolean): void {
    const { id: taskId, contextId } = this.#log.place.task;
    const artifact = { artifactId: ID, name: ID, parts };
    this.#log.add({ artifactUpdate: { taskId, contextId, artifact, append, lastChunk } });
  }
}

const ID = "reply";
