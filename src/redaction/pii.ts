/** Regular expressions by name. */
export type PatternSet = Readonly<Record<string, RegExp>>;

/**
 * Personal data: `email`, `phone_us`, `ssn`, `credit_card`, `ip_address`.
 *
 * A net, not a proof. Each repeats only single character classes with an upper bound, so that no text
 * makes it search for long.
 */
export const PII_PATTERNS: PatternSet = Object.freeze({
  email: /\b[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}\b/g,
  phone_us: /(?<![\w-])(?:\+?1[-. ])?(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}(?![\w-])/g,
  ssn: /(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])/g,
  credit_card: /(?<![\w-])\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{1,7}(?![\w-])/g,
  ip_address:
    /(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w.])/g,
});
