/**
 * What the controls and the dialogs act upon.
 *
 * @module
 */
import type { Feed } from "./feed.ts";
import type { RunFile } from "./model/run_file.ts";
import type { ShownRun } from "./model/shown_run.ts";
import type { Api } from "./net/api.ts";
import type { Place } from "./place.ts";

/** What is acted upon. */
export interface Subject {
  readonly api: Api;
  readonly feed: Feed;
  readonly shown: ShownRun;
  readonly place: Place;
  /** Shows what is in a file instead of what the server has. */
  openFile(file: RunFile, name: string): void;
  /** Redraws the page. */
  redraw(): void;
}
