/**
 * Taking a run along, and opening what somebody else took along. Loaded when it is first asked for.
 *
 * @module
 */
import type { StreamEvent } from "../../src/events/stream_event.ts";
import { eventLines, fillPage, readRunFile, withEnd } from "../../src/workbench/run_file.ts";
import { addRules, button, el, setText, show } from "../dom.ts";
import { counted } from "../format.ts";
import { mark } from "../marks.ts";
import { RunFile } from "../model/run_file.ts";
import type { RunLog } from "../model/run_log.ts";

/** What the dialog asks for. */
export interface ShareActions {
  /** The page that a run is put into; null where there is no server that has it. */
  readonly runPage: (() => Promise<string>) | null;
  openFile(file: RunFile, name: string): void;
  say(text: string): void;
}

/** The dialog. */
export class ShareView {
  readonly element: HTMLDialogElement;
  readonly #about = el("p", {});
  readonly #files: HTMLElement;
  readonly #actions: ShareActions;
  #log: RunLog | null = null;

  constructor(actions: ShareActions) {
    addRules(RULES);
    this.#actions = actions;
    const choose = (label: string, about: string, act: () => void) =>
      el(
        "p",
        { class: "share-way" },
        button(label, label, act, "button button-choice"),
        el("span", {}, about),
      );
    const input = el("input", {
      attrs: {
        type: "file",
        accept: ".html,.ndjson,.jsonl",
        tabindex: "-1",
        "aria-hidden": "true",
      },
      on: {
        change: () => {
          const [file] = input.files ?? [];
          if (file !== undefined) void this.openFile(file);
          input.value = "";
        },
      },
    });
    input.hidden = true;
    this.#files = el(
      "div",
      {},
      ...(actions.runPage === null ? [] : [
        choose("Download as a page", PAGE, () => void this.#downloadPage(actions.runPage!)),
      ]),
      choose("Download as lines", LINES, () => this.#downloadLines()),
    );
    this.element = el(
      "dialog",
      { class: "help share", attrs: { "aria-labelledby": "share-title" } },
      el(
        "header",
        { class: "help-head" },
        el("h2", { attrs: { id: "share-title" } }, "Take a run along"),
        button("Close", mark("close"), () => this.element.close(), "button button-icon"),
      ),
      el(
        "div",
        { class: "share-ways" },
        this.#about,
        this.#files,
        choose("Open a file", OPEN, () => input.click()),
        input,
      ),
    );
  }

  /** Opens the dialog for a run, or only to open a file. */
  open(log: RunLog | null): void {
    this.#log = log !== null && log.events.length > 0 ? log : null;
    show(this.#files, this.#log !== null);
    setText(this.#about, this.#log === null ? "No run is open." : aboutOf(this.#log));
    this.element.showModal();
  }

  /** Opens a run that is in a file. */
  async openFile(file: File): Promise<void> {
    try {
      if (file.size > MAX_BYTES) throw new TypeError(`the file has more than ${MAX_BYTES} bytes`);
      const runs = new RunFile(readRunFile(await file.text()));
      this.element.close();
      this.#actions.openFile(runs, file.name);
    } catch (error) {
      this.#actions.say(`${file.name} cannot be opened: ${(error as Error).message}`);
    }
  }

  async #downloadPage(runPage: () => Promise<string>): Promise<void> {
    const log = this.#log!;
    try {
      save(log, "html", "text/html", fillPage(await runPage(), eventsOf(log)));
    } catch (error) {
      this.#actions.say(`The server did not send the page: ${(error as Error).message}`);
    }
  }

  #downloadLines(): void {
    const log = this.#log!;
    save(log, "ndjson", "application/x-ndjson", eventLines(eventsOf(log)));
  }
}

function aboutOf({ events, droppedCount, closed }: RunLog): string {
  const dropped = droppedCount > 0 ? `, without the first ${droppedCount}` : "";
  return `${counted(events.length, "event")}${dropped}${closed ? "" : ", as far as it has got"}. ` +
    "What this page shows is in the file, and nothing else: read it before you pass it on.";
}

function eventsOf({ events, closed }: RunLog): readonly StreamEvent[] {
  return closed ? withEnd(events) : events;
}

function save({ runId }: RunLog, extension: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const name = `${runId.replace(/[^\w.-]/g, "_")}.${extension}`;
  el("a", { attrs: { href: url, download: name } }).click();
  // The browser has taken it by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

const PAGE = "One HTML file that shows the run in any browser, without a server.";
const LINES = "One event a line (NDJSON), for locus replay and other programs.";
const OPEN =
  "Shows a run of either kind of file here. You can also drop it anywhere onto the page.";
const MAX_BYTES = 512 * 1024 * 1024;

const RULES = `
.share {
  width: min(560px, calc(100vw - 32px));
}

.share-ways {
  padding: 16px;
}

.share-way {
  display: flex;
  flex-wrap: wrap;
  gap: 4px 12px;
  align-items: center;
  margin-top: 12px;
  color: var(--quiet);
}

.share-way > button {
  flex: 0 0 160px;
}

.share-way > span {
  flex: 1 1 240px;
}
`;
