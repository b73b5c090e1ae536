/** The shapes of known secrets, whole and unfinished. */

/** What stands in the place of a secret of which nothing may be shown. */
export const REDACTED = "[REDACTED]";

/** `text`, of moderate length, without known secrets: {@linkcode redactSecrets} takes any. */
export function redactShapes(text: string): string {
  if (!HINTS.test(text)) return text;
  let result = text;
  for (const [pattern, replace] of RULES) result = result.replace(pattern, replace);
  return result;
}

/**
 * A secret as it may be shown: its first 6 and last 4 characters, nothing of one that is shorter than 18.
 */
function mask(secret: string): string {
  return secret.length < 18 ? REDACTED : `${secret.slice(0, 6)}...${secret.slice(-4)}`;
}

/**
 * Where in `text` something begins that may be a secret whose end has not come yet; `text.length` if nothing
 * does. What comes before may be redacted and sent; the rest must wait.
 *
 * @param known Where such a thing was found before the text grew. Others are found only if they begin within
 * the last 4096 characters, because looking for them takes the square of that at worst.
 */
export function unfinishedSecret(text: string, known = text.length): number {
  if (known < text.length) {
    STILL_UNFINISHED.lastIndex = known;
    if (STILL_UNFINISHED.test(text)) return known;
  }
  const from = Math.max(0, text.length - MAX_UNFINISHED);
  const end = text.slice(from);
  if (!BEGINNINGS.test(end)) return text.length;
  const open = UNFINISHED.exec(end);
  return open === null ? text.length : from + open.index;
}

const MAX_UNFINISHED = 4096;

// Nearly no text holds a secret, and most can be told by a glance: these are in whatever matches a rule, and in
// the beginning of one. Without them the rules would take ten times as long.
const NAMES = "key|dsn|passphrase|passwd|password|pwd|secret|token";
const SHAPES =
  String.raw`:\/\/|jdbc:|----BEGIN|eyJ|sk-|A[KS]IA|AIza|github_pat_|gh[opsur]_|glpat-|xox|` +
  String.raw`ocid1\.|\/(?:home|users)\/|:\\users`;
const HINTS = new RegExp(
  String.raw`${SHAPES}|[?&][\w-]{1,60}=|bearer\s|basic\s|cookie:|host=|` +
    String.raw`(?:${NAMES})\\?["']?\s{0,4}[=:]`,
  "i",
);
const BEGINNINGS = new RegExp(`${SHAPES}|[?&]|bearer|authorization|cookie|host|${NAMES}`, "i");

type Rule = readonly [RegExp, (match: string, ...groups: string[]) => string];

// No pattern makes an engine backtrack for long: each starts at a fixed text or at the start of a word, and
// repeats only single character classes or bounded groups. Where a match can fail after a long run of a
// class that contains the pattern's own start, the start must not follow a character of that class; otherwise
// every start within the run would walk to its end.
// Order matters: blocks, whole URLs and assignments come before the shapes of single keys within them.
const RULES: readonly Rule[] = [
  [
    /-{4,5}BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|$)/g,
    () => REDACTED,
  ],
  // Databases and brokers: the whole URL, as host and database name tell something too.
  [
    /\b(?:(?:postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|rediss?|amqps?|oracle|mssql|sqlserver|nats):\/\/|jdbc:)[^\s"'<>]+/gi,
    () => REDACTED,
  ],
  // Other URLs: user and password.
  [
    /\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/@"'<>]{1,512}@/gi,
    (_, scheme) => `${scheme}${REDACTED}@`,
  ],
  [
    /([?&](?:access_token|api[_-]?key|auth|client_secret|code|id_token|key|password|refresh_token|secret|sig|signature|token|x-amz-[a-z-]{1,40}|x-goog-[a-z-]{1,40})=)[^&#\s"'<>]+/gi,
    (_, name) => `${name}${REDACTED}`,
  ],
  // Before assignments: `Authorization: Bearer …` is two words.
  [/\b(bearer\s{1,8})([A-Za-z0-9._~+/=-]{8,})/gi, (_, word, value) => `${word}${mask(value)}`],
  [
    /\b(authorization\\?["']?\s{0,4}[:=]\s{0,4}\\?["']?basic\s{1,8})[A-Za-z0-9+/=]+/gi,
    (_, word) => `${word}${REDACTED}`,
  ],
  // Up to the end of the line: a cookie is a list of them.
  [/\b((?:set-)?cookie:\s{0,4})[^\r\n"'\\]+/gi, (_, name) => `${name}${REDACTED}`],
  // A value ends with its quote, or where the text was cut. JSON inside of JSON has its quotes escaped.
  [
    /\b((?:[a-z0-9]{1,32}[_-]){0,4}(?:access[_-]?key|api[_-]?key|dsn|passphrase|passwd|password|private[_-]?key|pwd|secret|token)\\?["']?\s{0,4}[=:]\s{0,4})(?!\[REDACTED\]|bearer\b|basic\b)(?:\\"[^"]*(?:"|$)|"[^"\\]*(?:\\[\s\S][^"\\]*)*(?:"|\\?$)|'[^']*(?:'|$)|[^\s,;&"')\]}]+)/gi,
    (_, name) => `${name}${REDACTED}`,
  ],
  // Only as an assignment: "unknown host: example.com" is what the reader needs to know.
  [/\b((?:[a-z0-9]{1,32}[_-]){0,4}host=)[^\s,;&"')\]}]+/gi, (_, name) => `${name}${REDACTED}`],
  [/(?<![\w-])eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)?/g, mask],
  [/\bsk-[A-Za-z0-9_-]{8,}/g, mask],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{12,}/g, mask],
  [/\bAIza[A-Za-z0-9_-]{20,}/g, mask],
  [/\b(?:github_pat_|gh[opsur]_|glpat-|xox[abprs]-)[A-Za-z0-9_-]{8,}/g, mask],
  [/\bocid1\.[a-z0-9.-]+/gi, () => REDACTED],
  [/\/(?:home|Users)\/[^/\s:"'<>]+/g, () => REDACTED],
  [/\b[A-Z]:\\Users\\[^\\\s:"'<>]+/gi, () => REDACTED],
];

// The beginnings of the shapes above, up to the end of the text.
const UNFINISHED = new RegExp(
  [
    String.raw`-{4,5}BEGIN [A-Z0-9 ]{0,40}-{0,5}`,
    String.raw`-{4,5}BEGIN [A-Z0-9 ]{0,40}(?:PRIVATE KEY-----(?:(?!-----END )[\s\S])*)?`,
    String
      .raw`-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----(?:(?!-----END )[\s\S])*-----END [A-Z0-9 -]{0,60}`,
    String.raw`(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{1,20}:\/\/[^\s"'<>]*`,
    String.raw`(?<![A-Za-z0-9])jdbc:[^\s"'<>]*`,
    String.raw`[?&][A-Za-z_-]{1,48}=[^?&#\s"'<>]*`,
    String.raw`\b[Bb]earer(?:\s{1,8}[A-Za-z0-9._~+/=-]*)?`,
    String
      .raw`\b[Aa]uthorization\\?["']?\s{0,4}(?:[:=]\s{0,4}\\?["']?(?:[A-Za-z]{0,5}|[Bb]asic\s{1,8}[A-Za-z0-9+/=]*))?`,
    String.raw`\b(?:[Ss]et-)?[Cc]ookie(?::[^\r\n"'\\]*)?`,
    String
      .raw`\b(?:[A-Za-z0-9]{1,32}[_-]){0,4}(?:access[_-]?key|api[_-]?key|dsn|host|passphrase|passwd|password|private[_-]?key|pwd|secret|token|ACCESS_KEY|API_KEY|DSN|PASSWORD|PRIVATE_KEY|PWD|SECRET|TOKEN|Password|Token|Secret)\\?["']?\s{0,4}(?:[=:]\s{0,4}(?:\\"[^"]*|"(?:[^"\\]|\\[\s\S])*\\?|'[^']*|[^\s,;&"')\]}]*))?`,
    String
      .raw`(?<![\w-])(?:sk-|eyJ|AKIA|ASIA|AIza|github_pat_|gh[opsur]_|glpat-|xox[abprs]-)[A-Za-z0-9_.-]*`,
    String.raw`(?<![\w.-])ocid1\.[a-z0-9.-]*`,
    String.raw`\/(?:home|Users)\/[^/\s:"'<>]*`,
    String.raw`\b[A-Za-z]:\\Users\\[^\\\s:"'<>]*`,
  ].map((source) => `(?:${source})$`).join("|"),
);

const STILL_UNFINISHED = new RegExp(UNFINISHED.source, "y");
