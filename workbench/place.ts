/**
 * Where the page is: what its address says, and what a person has chosen since.
 *
 * @module
 */
import { formatRoute, parseRoute, type Route, type View } from "./route.ts";

/** The place, kept in the address. `onLeap` is called when the address leads elsewhere. */
export class Place {
  #route: Route = parseRoute(location.hash);
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #onLeap: (isOtherRun: boolean) => void;

  constructor(onLeap: (isOtherRun: boolean) => void) {
    this.#onLeap = onLeap;
    addEventListener("hashchange", () => this.#follow());
  }

  get route(): Readonly<Route> {
    return this.#route;
  }

  /** What is selected, by the event that stands for it; null if nothing is. */
  get selection(): string | null {
    return this.#route.span ?? this.#route.event;
  }

  /** Goes to another place of the same run; it is in the address soon after. */
  go(change: Partial<Omit<Route, "run" | "view" | "compare">>): void {
    this.#route = { ...this.#route, ...change };
    // Browsers refuse a page that writes its address with every key.
    this.#timer ??= setTimeout(() => this.write(), 300);
  }

  /** Opens another run, and compares it with `compare` if that is given. */
  openRun(
    runId: string,
    { replace = false, compare = null }: { replace?: boolean; compare?: string | null } = {},
  ): void {
    this.write();
    const none = { event: null, span: null, t: null, fold: "" };
    const hash = formatRoute({ ...this.#route, ...none, run: runId, compare });
    // Its own entry in the browser's history: the way back leads to the run before.
    if (replace) history.replaceState(null, "", hash);
    else history.pushState(null, "", hash);
    this.#follow();
  }

  /** Shows another view of the run: the way back leads to the one before. */
  showView(view: View): void {
    if (view !== this.#route.view) this.#push({ view });
  }

  /** Compares the open run with another one, or no longer: the way back leads to what was seen before. */
  compare(runId: string | null): void {
    if (runId !== this.#route.compare) this.#push({ compare: runId });
  }

  /** Writes the place into the address now. */
  write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    history.replaceState(null, "", formatRoute(this.#route));
  }

  #push(change: Partial<Route>): void {
    this.write();
    this.#route = { ...this.#route, ...change };
    history.pushState(null, "", formatRoute(this.#route));
  }

  #follow(): void {
    const before = this.#route.run;
    this.#route = parseRoute(location.hash);
    this.#onLeap(this.#route.run !== before);
  }
}
