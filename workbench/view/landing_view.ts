/**
 * What stands where a run would be while none is open: how to make the first one appear, or how to open one.
 *
 * @module
 */
import { button, el, setText, show } from "../dom.ts";
import { Lazy } from "../lazy.ts";
import { isRunId, RUN_ID_RULE } from "../../src/events/identifiers.ts";

/** Why there is no run. */
export type LandingKind = "loading" | "empty" | "choose" | "locked" | "denied" | "offline";

/** The middle of the page while it is empty. */
export class LandingView {
  readonly element: HTMLElement;
  readonly #title = el("h2", { class: "landing-title" });
  readonly #text = el("p", {});
  readonly #firstRuns: Lazy<HTMLElement>;
  #kind: LandingKind | null = null;
  readonly #form: HTMLElement;
  readonly #problem = el("p", { class: "landing-problem", attrs: { role: "alert" } });

  constructor(onOpen: (runId: string) => void, onCopy: (text: string, what: string) => void) {
    this.#firstRuns = new Lazy(async () => {
      const { createFirstRuns } = await import("./first_run_view.ts");
      const element = createFirstRuns(onCopy);
      this.#text.after(element);
      return element;
    }, () => this.update(this.#kind));
    const input = el("input", {
      class: "field",
      attrs: {
        type: "text",
        "aria-label": "Id of a run",
        placeholder: "id of a run…",
        spellcheck: "false",
        autocomplete: "off",
      },
    });
    const open = () => {
      const runId = input.value.trim();
      const isValid = isRunId(runId);
      setText(this.#problem, isValid ? "" : `A run id is ${RUN_ID_RULE.replaceAll("`", "")}.`);
      if (isValid) onOpen(runId);
    };
    input.addEventListener("keydown", (event) => event.key === "Enter" && open());
    this.#form = el(
      "div",
      { class: "landing-form" },
      input,
      button("Open the run", "Open", open, "button button-choice"),
      this.#problem,
    );
    this.element = el(
      "section",
      { class: "landing", attrs: { "aria-label": "No run is open" } },
      this.#title,
      this.#text,
      this.#form,
    );
  }

  /** `reason` is why a run cannot be shown, where that is so. */
  update(kind: LandingKind | null, reason = ""): void {
    this.#kind = kind;
    show(this.element, kind !== null);
    const firstRuns = kind === "empty" ? this.#firstRuns.get() : this.#firstRuns.value;
    if (firstRuns !== null) show(firstRuns, kind === "empty");
    if (kind === null) return;
    const [title, text] = WORDS[kind];
    setText(this.#title, title);
    setText(this.#text, reason || text);
    show(this.#form, kind === "locked");
  }
}

const WORDS: Record<LandingKind, readonly [title: string, text: string]> = {
  loading: ["Asking the server…", "Which runs are there?"],
  empty: [
    "No run yet",
    "Put one of these into the program that serves this page, and run it. It appears here while it runs.",
  ],
  choose: ["Choose a run", "It opens here: where its time went, and every event of it."],
  locked: [
    "No run may be listed here",
    "You may still follow a run whose id you know.",
  ],
  denied: ["This run cannot be shown", ""],
  offline: [
    "The server does not answer",
    "This page tries again by itself. Nothing that it showed is lost.",
  ],
};
