/**
 * The signal that tells that a request's client has left, where it means that.
 *
 * Deno's also aborts after every answer that succeeded, and prints a notice as soon as it is touched. Its
 * streams are cancelled reliably when the client leaves, so nothing is missed without it.
 */
export function disconnectSignal(request: Request): AbortSignal | undefined {
  return "Deno" in globalThis ? undefined : request.signal;
}
