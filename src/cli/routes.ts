import { isRunId, RUN_ID_RULE } from "../events/identifiers.ts";
import { UsageError } from "./exit_code.ts";

/** Where a server has its runs. */
export interface Routes {
  /** The address without its query, which may hold a token: for people to read. */
  readonly place: string;
  /** The run that the address itself names; null if it names none. */
  readonly runId: string | null;
  /** The list of runs. */
  readonly runs: URL;
  /** Where recorded runs are taken in. */
  readonly import: URL;
  /** The stream of all runs. */
  readonly all: URL;
  /** The stream of one run. */
  events(runId: string): URL;
  /** What is held of one run. */
  history(runId: string): URL;
}

/**
 * Reads the address of a mount (`http://localhost:8000/locus`), or of one of its runs
 * (`…/locus/runs/order-42/events`).
 */
export function readRoutes(text: string): Routes {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`the address must begin with http:// or https://, got "${text}"`);
  }
  if (url.username + url.password !== "") {
    throw new UsageError(`the address must not hold a password; use --header "Authorization: …"`);
  }
  const [, path = "", run = null] =
    /^(.*?)\/?(?:\/runs\/([^/]+)(?:\/events)?)?\/?$/.exec(url.pathname) ?? [];
  const at = (rest: string) => {
    const route = new URL(url);
    route.pathname = `${path}/${rest}`;
    route.hash = "";
    return route;
  };
  return {
    place: `${url.origin}${path}`,
    runId: run === null ? null : checkRunId(decode(run)),
    runs: at("runs"),
    import: at("import"),
    all: at("events"),
    events: (runId) => at(`runs/${encodeURIComponent(runId)}/events`),
    history: (runId) => at(`runs/${encodeURIComponent(runId)}/history`),
  };
}

function decode(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    throw new UsageError(
      `in the address, "%" must begin the code of a character (of "%" itself: %25), got "${step}"`,
    );
  }
}

/** The name of a run, from an argument. */
export function checkRunId(text: string): string {
  if (isRunId(text)) return text;
  throw new UsageError(`the run must be ${RUN_ID_RULE}, got "${text}"`);
}
