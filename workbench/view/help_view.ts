/**
 * The list of keys.
 *
 * @module
 */
import { addRules, button, el } from "../dom.ts";
import { mark, type MarkName } from "../marks.ts";
import { keyGroups } from "../model/key_words.ts";

/** A dialog with every key and what it does. */
export function createHelp(): HTMLDialogElement {
  addRules(RULES);
  const dialog = el(
    "dialog",
    { class: "help", attrs: { "aria-labelledby": "help-title" } },
    el(
      "header",
      { class: "help-head" },
      el("h2", { attrs: { id: "help-title" } }, "Keys"),
      button("Close", mark("close"), () => dialog.close(), "button button-icon"),
    ),
    el(
      "div",
      { class: "help-groups" },
      ...keyGroups.map(({ title, keys }) =>
        el(
          "section",
          {},
          el("h3", {}, title),
          el(
            "dl",
            { class: "help-keys" },
            ...keys.flatMap(({ show, does }) => [
              el("dt", {}, ...show.map((key) => el("kbd", {}, key))),
              el("dd", {}, does),
            ]),
          ),
        )
      ),
    ),
    el(
      "footer",
      { class: "help-signs" },
      ...SIGNS.map(([name, words]) => el("span", { class: "help-sign" }, mark(name), words)),
      el("p", {}, PATH),
    ),
  );
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  return dialog;
}

const SIGNS: readonly (readonly [MarkName, string])[] = [
  ["running", "running"],
  ["waiting", "waits for a person"],
  ["done", "done"],
  ["failed", "failed"],
  ["stopped", "stopped"],
  ["cancelled", "cancelled"],
  ["ended", "end not seen"],
  ["gap", "events are missing"],
];

const PATH =
  "In the timeline, bars in full colour are the critical path: what the end of the run had to wait for. " +
  "Pale ones ran beside it. The light part of a model's bar is the time until it wrote.";

const RULES = `
.help-groups {
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(216px, 1fr));
  gap: 16px 24px;
  padding: 16px;
}

.help-keys {
  display: grid;
  grid-template-columns: 64px 1fr;
  gap: 4px 8px;
  margin-top: 8px;
}

.help-keys dt {
  display: flex;
  gap: 4px;
  align-items: flex-start;
}

.help-signs {
  display: flex;
  flex-wrap: wrap;
  gap: 4px 16px;
  padding: 12px 16px 16px;
  border-top: 1px solid var(--line);
}

.help-sign {
  display: inline-flex;
  align-items: center;
  gap: 8px;
}

.help-signs p {
  flex: 1 0 100%;
  color: var(--quiet);
}
`;
