/** What the calls of a turn have to do with people. */

import type { Kept } from "../../tools/kept.ts";
import type { Question } from "../../tools/question.ts";
import type { AskingCall, OpenCall, PausedBatch } from "./tool_plan.ts";

/** What each call of a turn asks a person, was answered, and remembers meanwhile; by the index of the call. */
export class Conversations {
  /** In the order in which they are asked. */
  readonly questions = new Map<number, Question>();
  readonly #answers = new Map<number, readonly unknown[]>();
  readonly #kept = new Map<number, Kept>();

  constructor(paused: PausedBatch | undefined) {
    for (const { index, question, answers, kept } of paused?.open ?? []) {
      if (question !== null) this.questions.set(index, question);
      this.#answers.set(index, answers);
      this.#kept.set(index, { value: kept });
    }
  }

  answersTo(index: number): readonly unknown[] {
    return this.#answers.get(index) ?? [];
  }

  addAnswer(index: number, answer: unknown): void {
    this.#answers.set(index, [...this.answersTo(index), answer]);
  }

  /** Where a call keeps what it wants to remember. */
  keptBy(index: number): Kept {
    const kept = this.#kept.get(index) ?? { value: undefined };
    this.#kept.set(index, kept);
    return kept;
  }

  /** A call that is not over. */
  openCall(index: number, spanId: string | null): OpenCall {
    const question = this.questions.get(index) ?? null;
    const kept = this.#kept.get(index)?.value;
    return { index, question, answers: this.answersTo(index), kept, spanId };
  }

  /** The calls that are not over, first the one whose question is asked now; null if none is. */
  inOrder(calls: readonly OpenCall[]): PausedBatch["open"] | null {
    const [first] = this.questions.keys();
    const asking = calls.find((call): call is AskingCall => call.index === first);
    return asking === undefined ? null : [asking, ...calls.filter((call) => call !== asking)];
  }
}
