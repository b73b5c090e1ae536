/**
 * The sizes of screens at which the page looks different; the style sheets have the same conditions.
 *
 * @module
 */

/** A screen that has room for one pane only. */
export const ONE_PANE = "(max-width: 799px), (max-height: 599px)";

/** A screen as narrow as a phone's. */
const SMALL = "(max-width: 559px)";

/** Calls `apply` now, and whenever the screen becomes small or large. */
export function followScreen(apply: (isSmall: boolean) => void): void {
  const small = matchMedia(SMALL);
  small.addEventListener("change", () => apply(small.matches));
  apply(small.matches);
}
