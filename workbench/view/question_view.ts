/**
 * The question of an agent that waits for a person: a line above the views, and in the detail what is asked about and
 * the place to answer.
 *
 * An answer may have an effect that nothing takes back. So it takes two acts: one chooses it, the other sends it, and
 * nothing is chosen in advance.
 *
 * @module
 */
import type { RunPicture } from "../../src/view/run_picture.ts";
import type { RunQuestion } from "../../src/view/run_summary.ts";
import { addRules, el, setAttr, setText, show } from "../dom.ts";
import { RULES } from "./question_style.ts";
import { cut } from "../format.ts";
import { mark } from "../marks.ts";
import { waitingCalls } from "../model/waiting_call.ts";

/** What the question asks for. */
export interface QuestionActions {
  /** Shows the form, and puts the keyboard into it. */
  ask(): void;
  answer(interruptId: string, response: string): Promise<void>;
}

/** The line and the form. */
export class QuestionView {
  readonly element: HTMLElement;
  readonly form: HTMLElement;
  readonly #line = el("p", { class: "question-text" });
  readonly #text = el("p", { class: "ask-text" });
  /** What the call that is asked about would be made with. */
  readonly #call = el("pre", {
    class: "data ask-call",
    attrs: { tabindex: "0", "aria-label": "The call that is asked about" },
  });
  readonly #title = el("h3", {}, "will run");
  readonly #choices = el("div", { class: "ask-choices" });
  readonly #send: HTMLButtonElement;
  readonly #sendText = el("span", {});
  readonly #status = el("p", { class: "ask-status", attrs: { role: "status" } });
  readonly #actions: QuestionActions;
  #shown = "";
  #interruptId = "";
  /** What would be sent; null while nothing is chosen. */
  #response: string | null = null;
  /** The tools that wait, in words. */
  #tools = "";

  constructor(actions: QuestionActions) {
    addRules(RULES);
    this.#actions = actions;
    const key = (text: string) => el("kbd", { attrs: { "aria-hidden": "true" } }, text);
    this.#send = el(
      "button",
      {
        class: "button ask-send",
        attrs: { type: "button" },
        on: { click: () => void this.#answer() },
      },
      this.#sendText,
      key(/Mac/.test(navigator.userAgent) ? "⌘ ↵" : "Ctrl ↵"),
    );
    this.element = el(
      "div",
      { class: "question" },
      mark("waiting"),
      el("strong", {}, "Waiting for you"),
      this.#line,
      el("button", {
        class: "button button-link",
        attrs: { type: "button" },
        on: { click: () => actions.ask() },
      }, "answer"),
      key("a"),
    );
    this.form = el(
      "section",
      {
        class: "ask",
        attrs: { "aria-label": "Question of the agent" },
        on: { keydown: (event) => this.#onKey(event as KeyboardEvent) },
      },
      el("div", { class: "ask-body" }, this.#text, this.#title, this.#call, this.#choices),
      el("div", { class: "ask-foot" }, this.#send, this.#status),
    );
    this.update(null);
  }

  /** Puts the keyboard where the answer is chosen or written; nothing is chosen by that. */
  focus(): void {
    show(this.form, true);
    (this.#choices.querySelector("input") ?? this.#call).focus();
  }

  /** @param isOpen Whether the form is shown: it is not while a person reads something else. */
  update(
    question: RunQuestion | null,
    { canAnswer = false, isOpen = false, picture }: {
      readonly canAnswer?: boolean;
      readonly isOpen?: boolean;
      readonly picture?: RunPicture;
    } = {},
  ): void {
    show(this.element, question !== null);
    show(this.form, question !== null && isOpen);
    if (question === null) {
      this.#shown = "";
      return;
    }
    if (picture !== undefined) this.#drawCalls(picture);
    const { interrupt_id: id, question_preview: text, options } = question;
    const key = `${id} ${canAnswer}`;
    if (key === this.#shown) return;
    this.#shown = key;
    this.#interruptId = id;
    setText(this.#line, String(text));
    setText(this.#text, String(text));
    setText(
      this.#status,
      canAnswer ? "" : "This server takes no answers here: answer where the agent runs.",
    );
    this.#choices.replaceChildren();
    show(this.#send, canAnswer);
    if (canAnswer) this.#drawChoices(options);
  }

  /** What it is called with may arrive after the question. */
  #drawCalls(picture: RunPicture): void {
    const calls = waitingCalls(picture);
    const call = calls.map(({ text }) => text).join("\n\n");
    const { textContent: before } = this.#call;
    setText(this.#call, cut(call, MAX_CALL));
    show(this.#call, call !== "");
    show(this.#title, call !== "");
    this.#tools = calls.map(({ tool }) => tool).join(", ").slice(0, MAX_WORDS);
    const chosen = this.#choices.querySelector<HTMLInputElement>("[type=radio]:checked:enabled");
    if (chosen === null || before === this.#call.textContent) return;
    // It was chosen for something else.
    chosen.checked = false;
    this.#choose(null);
    setText(this.#status, "What would run has changed: choose again.");
  }

  #drawChoices(options: readonly string[] | null): void {
    if (Array.isArray(options) && options.length > 0) {
      this.#choose(null);
      setAttr(this.#choices, "role", "radiogroup");
      setAttr(this.#choices, "aria-label", "Your answer");
      this.#choices.append(
        ...options.slice(0, MAX_CHOICES).map((option, index) =>
          this.#choice(String(option), index)
        ),
      );
      return;
    }
    setAttr(this.#choices, "role", null);
    setAttr(this.#choices, "aria-label", null);
    const input = el("input", {
      class: "field",
      attrs: {
        type: "text",
        "aria-label": "Your answer",
        placeholder: "your answer…",
        autocomplete: "off",
      },
      on: {
        input: () => this.#response = input.value,
        keydown: (event) => {
          // A written answer is deliberate enough: Enter sends it.
          if ((event as KeyboardEvent).key === "Enter" && input.value !== "") void this.#answer();
        },
      },
    });
    this.#choices.append(input);
    this.#choose("");
    setText(this.#sendText, "Send the answer");
  }

  #choice(option: string, index: number): HTMLElement {
    const input = el("input", {
      attrs: { type: "radio", name: "answer" },
      on: { change: () => this.#choose(option) },
    });
    return el(
      "label",
      { class: "ask-choice" },
      input,
      el("span", {}, option),
      ...(index < 9 ? [el("kbd", { attrs: { "aria-hidden": "true" } }, String(index + 1))] : []),
    );
  }

  #choose(response: string | null): void {
    this.#response = response;
    this.#send.disabled = response === null;
    if (response === null) return setText(this.#sendText, "Choose an answer");
    setText(this.#status, "");
    const words = response.length > MAX_WORDS ? `${response.slice(0, MAX_WORDS)}…` : response;
    setText(
      this.#sendText,
      `Send “${words}”${this.#tools === "" ? "" : ` for ${this.#tools}`}`,
    );
  }

  /** Digits choose only in here. */
  #onKey(event: KeyboardEvent): void {
    const isSent = event.key === "Enter" && (event.ctrlKey || event.metaKey);
    const radios = this.#choices.querySelectorAll<HTMLInputElement>("[type=radio]");
    const radio = event.ctrlKey || event.metaKey || event.altKey
      ? undefined
      : radios[/^[1-9]$/.test(event.key) ? Number(event.key) - 1 : -1];
    if (isSent) void this.#answer();
    else if (radio !== undefined && !radio.disabled) {
      radio.focus();
      radio.click();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  async #answer(): Promise<void> {
    if (this.#response === null || this.#send.disabled) return;
    const controls = [this.#send, ...this.#choices.querySelectorAll("input")];
    const [id, response] = [this.#interruptId, this.#response];
    for (const control of controls) control.disabled = true;
    setText(this.#status, "sending…");
    let problem = "";
    try {
      await this.#actions.answer(id, response);
    } catch (error) {
      problem = `not taken: ${error instanceof Error ? error.message : "no answer"}`;
    }
    // Another question may have come meanwhile.
    if (this.#interruptId !== id) return;
    for (const control of controls) control.disabled = problem === "";
    setText(this.#status, problem || "sent · waiting for the run to go on");
  }
}

const MAX_CHOICES = 12;
const MAX_CALL = 20_000;
/** What a button says of an answer, and of tools. */
const MAX_WORDS = 60;
