/** Takes secrets out of texts that leave the process: error messages above all. */

/**
 * `text` without the secrets that error messages are known to carry.
 *
 * - Keys of known vendors, JSON web tokens and bearer values keep their first 6 and last 4 characters,
 *   so that one can tell which key it was; under 18 characters they go altogether.
 * - Database URLs, values of `password=`, `api_key=`, `token=` and the like, sensitive query
 *   parameters, home directories and cloud resource ids become `[REDACTED]`.
 *
 * A net, not a proof: a secret without a telling shape or name passes.
 */
export function redactSecrets(text: string): string {
  let result = text;
  for (const [pattern, replace] of RULES) result = result.replace(pattern, replace);
  return result;
}

type Rule = readonly [RegExp, (match: string, ...groups: string[]) => string];

const REDACTED = "[REDACTED]";

// Every pattern starts at a word boundary or a fixed text and repeats only single character classes or
// bounded groups, so that no input makes one backtrack for long. Order matters: whole URLs and
// assignments come before the shapes of single keys within them.
const RULES: readonly Rule[] = [
  // Databases and brokers: the whole URL, as host and database name tell something too.
  [
    /\b(?:(?:postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|rediss?|amqps?|oracle|mssql|sqlserver|nats):\/\/|jdbc:)[^\s"'<>]+/gi,
    () => REDACTED,
  ],
  // Other URLs: user and password.
  [/\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/@"'<>]{1,512}@/gi, (_, scheme) => `${scheme}${REDACTED}@`],
  [
    /([?&](?:access_token|api[_-]?key|auth|client_secret|code|id_token|key|password|refresh_token|secret|sig|signature|token|x-amz-[a-z-]{1,40}|x-goog-[a-z-]{1,40})=)[^&#\s"'<>]+/gi,
    (_, name) => `${name}${REDACTED}`,
  ],
  // Before assignments: `Authorization: Bearer …` is two words.
  [/\b(bearer\s+)([A-Za-z0-9._~+/=-]{8,})/gi, (_, word, value) => `${word}${mask(value)}`],
  [
    /\b(authorization["']?\s{0,4}[:=]\s{0,4}["']?basic\s+)[A-Za-z0-9+/=]+/gi,
    (_, word) => `${word}${REDACTED}`,
  ],
  [
    /\b((?:[a-z0-9]{1,32}[_-]){0,4}(?:access[_-]?key|api[_-]?key|dsn|passphrase|passwd|password|private[_-]?key|pwd|secret|token)["']?\s{0,4}[=:]\s{0,4})(?!\[REDACTED\]|bearer\b|basic\b)(?:"[^"]*"|'[^']*'|[^\s,;&"')\]}]+)/gi,
    (_, name) => `${name}${REDACTED}`,
  ],
  // Only as an assignment: "unknown host: example.com" is what the reader needs to know.
  [/\b((?:[a-z0-9]{1,32}[_-]){0,4}host=)[^\s,;&"')\]}]+/gi, (_, name) => `${name}${REDACTED}`],
  [/\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)?/g, mask],
  [/\bsk-[A-Za-z0-9_-]{8,}/g, mask],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{12,}/g, mask],
  [/\bAIza[A-Za-z0-9_-]{20,}/g, mask],
  [/\b(?:github_pat_|gh[opsur]_|glpat-|xox[abprs]-)[A-Za-z0-9_-]{8,}/g, mask],
  [/\bocid1\.[a-z0-9.-]+/gi, () => REDACTED],
  [/\/(?:home|Users)\/[^/\s:"'<>]+/g, () => REDACTED],
  [/\b[A-Z]:\\Users\\[^\\\s:"'<>]+/gi, () => REDACTED],
];

function mask(secret: string): string {
  return secret.length < 18 ? REDACTED : `${secret.slice(0, 6)}...${secret.slice(-4)}`;
}
