/**
 * An error of a client, as it may be reported: without the address, which can hold a password, and without the
 * command, which clients attach, and which can hold one too, or a payload.
 */
export function withoutSecrets(error: unknown): Error {
  const text = error instanceof Error ? error.message : "it gave no reason";
  return new Error(`Redis: ${text.replace(URL_LIKE, "$1…").slice(0, MAX_CHARS)}`);
}

const URL_LIKE = /\b([a-z][a-z0-9+.-]*:\/\/)\S+/gi;
const MAX_CHARS = 500;
