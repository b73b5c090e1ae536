import {
  type ClientOptions,
  type FollowedRun,
  type FollowFailure,
  followRun,
  type FollowState,
} from "../client/mod.ts";

/** How a run is followed from the command line. */
export interface FollowSettings {
  readonly headers: Headers;
  readonly fetch: ClientOptions["fetch"];
  readonly signal: AbortSignal;
  readonly onState?: (state: FollowState) => void;
}

/** Follows a run for ever, once the server was reached at all. */
export function follow(
  url: URL,
  { headers, fetch, signal, onState }: FollowSettings,
): FollowedRun {
  let wasLive = false;
  return followRun(url, {
    headers,
    fetch,
    signal,
    // The address may be mistyped, and then waiting does not help. A busy server answers with an error of its own.
    retry: ({ waitMs, cause }: FollowFailure) =>
      wasLive || cause.code === "refused" ? waitMs : null,
    onState(state) {
      wasLive ||= state.phase === "live";
      onState?.(state);
    },
    // A newer server may send what this version cannot read; everything else is worth showing.
    onError: () => {},
  });
}
