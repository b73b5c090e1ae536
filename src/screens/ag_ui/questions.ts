import { type Fields, textIn } from "../../view/payload.ts";
import type { ShownSpan } from "../screen.ts";
import type { AgUiInterrupt } from "./events.ts";

/** The questions that a run waits for the answers to. */
export class Questions {
  readonly #open = new Map<string, AgUiInterrupt>();

  /** An `agent.interrupt`. @param owner The nested agent that asks. */
  add(data: Fields, owner: ShownSpan | null): void {
    const { options } = data;
    const id = textIn(data, "interrupt_id");
    this.#open.set(id, {
      id,
      reason: "input_required",
      message: textIn(data, "question_preview"),
      ...owner !== null && { subagentRunId: owner.id },
      ...Array.isArray(options) && { metadata: { options } },
    });
  }

  /** An `agent.interrupt.answered`. */
  delete(data: Fields): void {
    this.#open.delete(textIn(data, "interrupt_id"));
  }

  clear(): void {
    this.#open.clear();
  }

  all(): AgUiInterrupt[] {
    return [...this.#open.values()];
  }

  /** The ids of those that a nested agent asked. */
  of({ id }: ShownSpan): string[] {
    return this.all().filter(({ subagentRunId }) => subagentRunId === id).map(({ id }) => id);
  }
}
