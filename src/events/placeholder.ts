/**
 * What stands in a payload for a value that could not be kept, so that the rest of the event is. Its
 * one reserved key, `$placeholder`, says why.
 */
export interface Placeholder {
  /**
   * - `bigint`, `function`, `symbol`, `not_finite` (NaN, Infinity): JSON has no such value.
   * - `binary`: a buffer. `unsupported`: an object whose contents JSON cannot see, such as a `Map`.
   * - `cycle`: the value contains itself. `depth`: it is nested too deeply.
   * - `threw`: a getter, a proxy or a `toJSON` of the payload threw.
   * - `too_large`: it is over the limit for one event.
   * - `invalid_data`: the payload is not an object.
   */
  readonly $placeholder:
    | "bigint"
    | "binary"
    | "cycle"
    | "depth"
    | "function"
    | "invalid_data"
    | "not_finite"
    | "symbol"
    | "threw"
    | "too_large"
    | "unsupported";
  /** The start of the value as text, if it has one. */
  readonly preview?: string;
}
