/**
 * What stays as it is however often it is tried: a setting is wrong, or a client was closed. Nothing that fails with it
 * is tried again; its message says what to do.
 */
export class PermanentError extends Error {
  override name = "PermanentError";
}
