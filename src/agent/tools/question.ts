/** What a tool asks a person. */

import { describe } from "../../core/options.ts";
import { frozenCopy, isRecord } from "../../core/json.ts";
import { randomHex } from "../../core/random_hex.ts";
import type { InterruptRequest } from "./context.ts";

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
    // Whoever knows it may answer, so it must not be guessed.
    interrupt_id: `int_${randomHex(32)}`,
    question,
    options: options === undefined ? null : Object.freeze([...options]),
    metadata: frozenCopy(metadata) as Record<string, unknown>,
  };
}

function isString(value: unknown): value is string {
  return typeof value === "string";
}
