/**
 * What the page asks its server for, apart from the stream. All of it lies beside the page's own script.
 *
 * @module
 */
import type { StreamEvent } from "../../src/events/stream_event.ts";
import type { WorkbenchConfig } from "../../src/workbench/config.ts";
import type { RunSummary } from "../../src/view/run_summary.ts";
import type { RunFile } from "../model/run_file.ts";
import type { HistoryAnswer } from "../model/run_log.ts";

/** What may be read: all runs, one whose id is known, what is in a file, or nothing is known about it yet. */
export type Access = "unknown" | "all" | "one" | "file";

/** The routes of one mount of Locus, or what stands for them in a file. */
export interface Api {
  /** What is in the file that this page is; null where there is a server. */
  readonly file: RunFile | null;
  /** Where a route is. */
  url(path: string): URL;
  config(): Promise<WorkbenchConfig>;
  /** All runs; null where this reader may not list them. */
  runs(): Promise<RunSummary[] | null>;
  /** Runs in whose texts all of these words occur, with the place of one; null if the server keeps no archive. */
  search(words: string): Promise<FoundRuns | null>;
  /** What is held of a run after an event, or from the first on: up to `limit` events. Older servers send all. */
  history(runId: string, after: string | null, limit: number): Promise<HistoryAnswer>;
  /** What each event type means. */
  catalogue(): Promise<Readonly<Record<string, { readonly summary?: string }>>>;
  /** The page that holds its run in itself, without a run. */
  runPage(): Promise<string>;
  /** Answers the question of an agent. */
  answer(runId: string, interruptId: string, response: string): Promise<void>;
}

/** What a search has found. */
export interface FoundRuns {
  readonly runs: readonly RunSummary[];
  /** By run: the newest event in which all words occur. */
  readonly matches?: Readonly<Record<string, StreamEvent>>;
}

/** An answer that says no. */
export class StatusError extends Error {
  override readonly name = "StatusError";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }

  /** Whether asking again will not help. */
  get isFinal(): boolean {
    return [400, 401, 403, 404, 405].includes(this.status);
  }
}

/** The routes below an address. */
export function createApi(base: URL): Api {
  const url = (path: string) => new URL(path, base);

  return {
    file: null,
    url,
    async config() {
      try {
        return await getJson(url("workbench.json"));
      } catch (error) {
        if (error instanceof StatusError && error.isFinal) return { prices: null, resume: false };
        throw error;
      }
    },
    async runs() {
      try {
        const { runs } = await getJson<{ runs: RunSummary[] }>(url(`runs?limit=${LISTED_RUNS}`));
        return runs;
      } catch (error) {
        if (error instanceof StatusError && error.isFinal) return null;
        throw error;
      }
    },
    async search(words) {
      try {
        return await getJson(url(`runs?limit=100&search=${encodeURIComponent(words)}`));
      } catch (error) {
        if (error instanceof StatusError && error.isFinal) return null;
        throw error;
      }
    },
    history(runId, after, limit) {
      const cursor = after === null ? "" : `&after=${encodeURIComponent(after)}`;
      return getJson(url(`runs/${encodeURIComponent(runId)}/history?limit=${limit}${cursor}`));
    },
    catalogue: () => getJson(url("catalogue")),
    async runPage() {
      const answer = await fetch(url("run.html"), { signal: AbortSignal.timeout(LIMIT_MS) });
      if (!answer.ok) throw await toError(answer);
      return await answer.text();
    },
    async answer(runId, interruptId, response) {
      const answer = await fetch(url(`runs/${encodeURIComponent(runId)}/resume`), {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ interrupt_id: interruptId, response }),
        signal: AbortSignal.timeout(LIMIT_MS),
      });
      if (!answer.ok) throw await toError(answer);
      await answer.body?.cancel();
    },
  };
}

async function getJson<T>(url: URL): Promise<T> {
  const response = await fetch(url, {
    headers: { Accept: "application/json" },
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  if (!response.ok) throw await toError(response);
  return await response.json();
}

/** An error with the server's own words, if it has any. */
async function toError(response: Response): Promise<StatusError> {
  const body: unknown = await response.json().catch(() => null);
  const words = typeof body === "object" && body !== null && "error" in body ? body.error : null;
  const text = typeof words === "string" ? words.slice(0, 200) : response.statusText;
  return new StatusError(response.status, text || `HTTP ${response.status}`);
}

/** How many runs are asked for. */
export const LISTED_RUNS = 1_000;

const LIMIT_MS = 20_000;
