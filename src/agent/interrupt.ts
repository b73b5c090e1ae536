/** A run that waits for a person, and how it is found again. */

import { describe } from "../core/options.ts";
import { randomHex } from "../core/random_hex.ts";
import { InterruptError } from "./errors.ts";
import { frozenCopy, isRecord } from "./json.ts";
import type { PausedRun } from "./run_handle.ts";
import type { InterruptRequest } from "./tools/context.ts";

/** What a tool asks, read and checked. */
export interface Question {
  readonly interrupt_id: string;
  readonly question: string;
  readonly options: readonly string[] | null;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Leaves the body of a tool that asks a person; never an error of the tool. */
export class InterruptSignal extends Error {
  override readonly name = "InterruptSignal";

  constructor(question: string) {
    super(`The tool waits for a person, let this pass: ${question}`);
  }
}

/** @throws {TypeError} If the tool does not ask anything that can be shown. */
export function readQuestion(
  request: string | InterruptRequest,
  metadata: Readonly<Record<string, unknown>> = {},
): Question {
  const { question, options } = isRecord(request) ? request : { question: request };
  if (typeof question !== "string") {
    throw new TypeError(`interrupt(): the question must be a string, got ${describe(question)}`);
  }
  if (options !== undefined && !(Array.isArray(options) && options.every(isString))) {
    throw new TypeError(
      `interrupt(): "options" must be an array of strings, got ${describe(options)}`,
    );
  }
  return {
    interrupt_id: `int_${randomHex(8)}`,
    question,
    options: options === undefined ? null : Object.freeze([...options]),
    metadata: frozenCopy(metadata) as Record<string, unknown>,
  };
}

/** Where a run is that waits for a person: here, or in the thread that it belongs to. */
export type Waiting =
  | { readonly paused: PausedRun; readonly threadId: string | null }
  | { readonly paused: null; readonly threadId: string };

/** The runs of one agent that wait for a person, oldest first. */
export class PausedRuns {
  readonly #runs = new Map<string, Waiting>();

  add(id: string, run: Waiting): void {
    this.#runs.set(id, run);
    // Whoever is asked may never answer; without a bound each such run would be held for good.
    if (this.#runs.size > MAX_PAUSED_RUNS) this.forget(this.#runs.keys().next().value!);
  }

  /** Its question is answered, or will never be. */
  forget(id: string): void {
    this.#runs.delete(id);
  }

  /**
   * The run that waits for `id`, or the only one that waits. One that is here is taken out; one that is
   * in its thread has yet to be taken there.
   *
   * @throws {InterruptError} If there is none, or the choice is not clear.
   */
  take(id: string | undefined): Waiting & { readonly interruptId: string } {
    const key = id ?? this.#onlyId();
    const run = this.#runs.get(key);
    if (run === undefined) {
      throw new InterruptError(
        `Cannot resume: no run of this agent waits for interrupt ${describe(key)}${IN_A_THREAD}`,
      );
    }
    if (run.paused !== null) this.forget(key);
    return { ...run, interruptId: key };
  }

  /** The same for a thread, if its run is here because it could not be saved. */
  takeUnsaved(
    threadId: string,
    id: string | undefined,
  ): Waiting & { readonly interruptId: string } | null {
    for (const [key, run] of this.#runs) {
      const fits = run.threadId === threadId && (id === undefined || id === key);
      if (fits && run.paused !== null) return this.take(key);
    }
    return null;
  }

  #onlyId(): string {
    const [id, another] = this.#runs.keys();
    if (id === undefined) {
      throw new InterruptError(
        `Cannot resume: no run of this agent waits for an answer${IN_A_THREAD}`,
      );
    }
    if (another !== undefined) {
      throw new InterruptError(
        `Cannot resume: ${this.#runs.size} runs of this agent wait for an answer; ` +
          `say which with "interruptId"`,
      );
    }
    return id;
  }
}

const IN_A_THREAD = '; if another agent was asked, in a thread, say which with "threadId"';
const MAX_PAUSED_RUNS = 1000;

function isString(value: unknown): value is string {
  return typeof value === "string";
}
