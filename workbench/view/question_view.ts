/**
 * The question of an agent that waits for a person, and the place to answer it.
 *
 * @module
 */
import type { RunQuestion } from "../../src/view/run_summary.ts";
import { addRules, button, el, setText, show } from "../dom.ts";
import { mark } from "../marks.ts";

/** The bar above the timeline. */
export class QuestionView {
  readonly element: HTMLElement;
  readonly #text = el("p", { class: "question-text" });
  /** What the call that is asked about would be made with. */
  readonly #call = el("pre", {
    class: "data question-call",
    attrs: { tabindex: "0", "aria-label": "The call that is asked about" },
  });
  readonly #choices = el("div", { class: "question-choices" });
  readonly #status = el("p", { class: "question-status", attrs: { role: "status" } });
  readonly #onAnswer: (interruptId: string, response: string) => Promise<void>;
  #shown = "";

  constructor(onAnswer: (interruptId: string, response: string) => Promise<void>) {
    addRules(RULES);
    this.#onAnswer = onAnswer;
    this.element = el(
      "section",
      { class: "question", attrs: { "aria-label": "Question of the agent" } },
      mark("waiting"),
      this.#text,
      this.#call,
      this.#choices,
      this.#status,
    );
    this.element.hidden = true;
  }

  /** Puts the caret where the answer goes. */
  focus(): void {
    this.#choices.querySelector<HTMLElement>("input, button")?.focus();
  }

  /** @param callOf What the call that asks is made with; "" if that is not known. */
  update(question: RunQuestion | null, canAnswer: boolean, callOf: () => string): void {
    show(this.element, question !== null);
    if (question === null) {
      this.#shown = "";
      return;
    }
    const { interrupt_id: id, question_preview: text, options } = question;
    // What it is called with may arrive after the question.
    const call = callOf();
    const left = call.length - MAX_CALL;
    setText(this.#call, left > 0 ? `${call.slice(0, MAX_CALL)}\n… ${left} characters more` : call);
    show(this.#call, call !== "");
    const key = `${id} ${canAnswer}`;
    if (key === this.#shown) return;
    this.#shown = key;
    setText(this.#text, String(text));
    setText(
      this.#status,
      canAnswer ? "" : "This server takes no answers here: answer where the agent runs.",
    );
    this.#choices.replaceChildren(...(canAnswer ? this.#controls(id, options) : []));
  }

  #controls(id: string, options: readonly string[] | null): HTMLElement[] {
    if (Array.isArray(options) && options.length > 0) {
      return options.slice(0, MAX_CHOICES).map((option) => {
        const words = String(option);
        return button(
          `Answer: ${words}`,
          words,
          () => void this.#send(id, String(option)),
          "button button-choice",
        );
      });
    }
    const input = el("input", {
      class: "field",
      attrs: {
        type: "text",
        "aria-label": "Your answer",
        placeholder: "your answer…",
        autocomplete: "off",
      },
      on: {
        keydown: (event) => {
          if (event instanceof KeyboardEvent && event.key === "Enter") {
            void this.#send(id, input.value);
          }
        },
      },
    });
    return [
      input,
      button(
        "Send the answer",
        "Send",
        () => void this.#send(id, input.value),
        "button button-choice",
      ),
    ];
  }

  async #send(id: string, response: string): Promise<void> {
    const controls = [
      ...this.#choices.querySelectorAll<HTMLButtonElement | HTMLInputElement>("button, input"),
    ];
    for (const control of controls) control.disabled = true;
    setText(this.#status, "sending…");
    try {
      await this.#onAnswer(id, response);
      setText(this.#status, "sent · waiting for the run to go on");
    } catch (error) {
      for (const control of controls) control.disabled = false;
      setText(this.#status, `not taken: ${error instanceof Error ? error.message : "no answer"}`);
    }
  }
}

const MAX_CHOICES = 12;
const MAX_CALL = 20_000;
const RULES = `
.question {
  display: flex;
  flex: none;
  max-height: 45%;
  overflow: auto;
  flex-wrap: wrap;
  align-items: flex-start;
  gap: 8px;
  padding: 8px 16px;
  border-bottom: 1px solid var(--line);
  background: var(--wait-soft);
}

.question > .mark {
  margin-top: 4px;
}

.question-text {
  max-width: calc(100% - 20px);
  font-size: 14px;
  overflow-wrap: anywhere;
  unicode-bidi: plaintext;
}

.question-call {
  flex-basis: 100%;
  max-height: 10em;
  overflow: auto;
  margin: 0;
}

.question-choices {
  max-width: 100%;
  display: flex;
  flex-wrap: wrap;
  gap: 8px;
}

.question-status {
  color: var(--quiet);
}
`;
