/**
 * How a run stands.
 *
 * - `running`: something happened, and nothing says that it is over.
 * - `waiting`: an agent asked a person, and has published nothing since, or the run said that it waits.
 * - `done`, `stopped`, `failed`: it ended so, or its latest agent did; `stopped` is an end before the job was done.
 * - `cancelled`: it was aborted, or its consumer left.
 * - `ended`: the run was closed, and nothing said how it went.
 */
export type RunState =
  | "running"
  | "waiting"
  | "done"
  | "stopped"
  | "cancelled"
  | "failed"
  | "ended";

/** What a run of a list may be said to be: `interrupted` is one that is running by its events, but whose process is gone. */
export const LISTED_STATES: readonly (RunState | "interrupted")[] = [
  "running",
  "interrupted",
  "waiting",
  "done",
  "stopped",
  "cancelled",
  "failed",
  "ended",
];
