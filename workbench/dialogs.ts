/**
 * What opens over the page: the keys, taking a run along, comparing two runs. Each is loaded when it is first asked for.
 *
 * @module
 */
import { Lazy } from "./lazy.ts";
import type { RunLog } from "./model/run_log.ts";
import type { Subject } from "./subject.ts";

/** The dialogs. `say` tells a person what went wrong. */
export class Dialogs {
  readonly #subject: Subject;
  readonly #say: (text: string) => void;
  readonly #help = new Lazy(async () => {
    const { createHelp } = await import("./view/help_view.ts");
    return laid({ element: createHelp() });
  }, () => {});
  readonly #share = new Lazy(async () => {
    const { ShareView } = await import("./view/share_view.ts");
    const { api, openFile } = this.#subject;
    const runPage = api.file === null ? () => api.runPage() : null;
    return laid(new ShareView({ runPage, openFile, say: (text) => this.#say(text) }));
  }, () => {});
  readonly #comparison = new Lazy(async () => {
    const { CompareView } = await import("./compare/compare_view.ts");
    const { place } = this.#subject;
    const choose = (change: Parameters<typeof place.go>[0]) => {
      place.go(change);
      this.#subject.redraw();
    };
    return laid(
      new CompareView({
        swap: (a, b) => place.openRun(b, { compare: a }),
        choose,
        close: () => place.compare(null),
      }),
    );
  }, () => this.#subject.redraw());
  /** What the open run is compared with, as far as it is read. */
  #other: { readonly runId: string; log: RunLog | null } | null = null;

  constructor(subject: Subject, say: (text: string) => void) {
    this.#subject = subject;
    this.#say = say;
  }

  help(): void {
    this.#with(this.#help, ({ element }) => {
      if (!element.open) element.showModal();
    });
  }

  share(): void {
    this.#with(this.#share, (share) => share.open(this.#subject.feed.log));
  }

  openFile(file: File): void {
    this.#with(this.#share, (share) => void share.openFile(file));
  }

  /** Shows the comparison that the address asks for, or shuts it. */
  update(): void {
    const { route } = this.#subject.place;
    const { log } = this.#subject.feed;
    if (route.compare === null) {
      this.#other = null;
      this.#comparison.value?.close();
      return;
    }
    if (this.#other?.runId !== route.compare) this.#read(route.compare);
    const view = this.#comparison.get();
    if (this.#comparison.problem !== "") this.#refuse(this.#comparison.problem);
    const a = this.#other?.log ?? null;
    if (view !== null && a !== null && log?.isLoaded) view.update(a, log, route);
  }

  #read(runId: string): void {
    const other = this.#other = { runId, log: null as RunLog | null };
    this.#subject.feed.read(runId).then((log) => {
      if (log.events.length === 0) throw new Error("there is nothing of it here");
      other.log = log;
      this.#subject.redraw();
    }).catch((error: Error) => {
      if (this.#other === other) this.#refuse(`${runId} cannot be read: ${error.message}`);
    });
  }

  #refuse(problem: string): void {
    this.#say(problem);
    this.#subject.place.compare(null);
  }

  #with<T>(part: Lazy<T>, use: (it: T) => void): void {
    void part.load().then((it) => it === null ? this.#say(part.problem) : use(it));
  }
}

/** Puts a dialog into the page. */
function laid<T extends { readonly element: HTMLElement }>(dialog: T): T {
  document.body.append(dialog.element);
  return dialog;
}
