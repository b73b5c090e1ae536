/** The names under which secrets are kept. */

/**
 * Tells whether a key names a secret, whatever its case and separators: `password`, `DB_PASSWORD`,
 * `x-api-key`, `accessToken`.
 */
export type SecretKeyTest = (key: string) => boolean;

/**
 * A test for the known names and `more`.
 *
 * - A key counts that ends with one of the names: `client_secret` is a secret, `prompt_tokens` is none.
 */
export function secretKeyTest(more: readonly string[]): SecretKeyTest {
  const names = [...KNOWN_NAMES, ...more.map(normalise)].filter((name) => name !== "");
  const known = new Map<string, boolean>();
  return (key) => {
    let isSecret = known.get(key);
    if (isSecret !== undefined) return isSecret;
    const name = normalise(key.slice(-MAX_KEY_LENGTH));
    isSecret = names.some((end) => name.endsWith(end));
    // The keys of a program are few; those of its data need not be.
    if (known.size >= MAX_REMEMBERED_KEYS) known.clear();
    if (key.length <= MAX_KEY_LENGTH) known.set(key, isSecret);
    return isSecret;
  };
}

const MAX_KEY_LENGTH = 128;
const MAX_REMEMBERED_KEYS = 1024;

const KNOWN_NAMES: readonly string[] = [
  "accesskey",
  "accesskeyid",
  "apikey",
  "apikeys",
  "authorization",
  "connectionstring",
  "cookie",
  "cookies",
  "credential",
  "credentials",
  "dsn",
  "passphrase",
  "passwd",
  "password",
  "passwords",
  "privatekey",
  "pwd",
  "secret",
  "secretkey",
  "secretaccesskey",
  "secrets",
  "token",
];

function normalise(key: string): string {
  return key.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}
