/**
 * What stands in the page while there is no run: the code that makes the first one appear. Loaded when it is needed.
 *
 * @module
 */
import { addRules, button, el } from "../dom.ts";
import { firstRuns } from "../model/first_runs.ts";

/** Draws it. */
export function createFirstRuns(onCopy: (text: string, what: string) => void): HTMLElement {
  addRules(RULES);
  const snippets = firstRuns.map(([title, code]) =>
    el(
      "section",
      { class: "first-run" },
      el(
        "header",
        {},
        el("h3", {}, title),
        button(`Copy the code: ${title}`, "copy", () => onCopy(code, "Code"), "button button-text"),
      ),
      el("pre", { class: "data", attrs: { tabindex: "0", "aria-label": `Code: ${title}` } }, code),
    )
  );
  return el(
    "div",
    {},
    el("div", { class: "first-runs" }, ...snippets),
    el("p", {}, CONTENT),
    el("p", {}, SHARED),
  );
}

const CONTENT =
  "content: true keeps prompts, answers, arguments and results, without secrets. Left out, you see times, names and states.";
const SHARED = "Somebody sent you a run? Drop its .html or .ndjson file anywhere on this page.";
const RULES = `
.landing:has(.first-runs:not([hidden] *)) { width: min(1104px, 100%); max-height: 100%; overflow: auto; }
.first-runs {
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(min(300px, 100%), 1fr));
  gap: 16px;
  margin: 16px 0;
}
.first-run { display: flex; flex-direction: column; min-width: 0; }
.first-run header { display: flex; align-items: center; justify-content: space-between; min-height: 28px; }
.first-run h3 { color: var(--text); font-size: 13px; font-weight: 600; }
.first-run .data { flex: 1; overflow: auto; white-space: pre; }
.first-runs ~ p { margin-top: 4px; color: var(--quiet); }
`;
