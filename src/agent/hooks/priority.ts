/** Where in the order a hook runs: lower is earlier before something, and later after it. */
export const HookPriority = {
  /** Checks that may stop everything else begin here. */
  SECURITY_MIN: 0,
  /** Such a check that does not care. */
  SECURITY_DEFAULT: 50,
  /** Such checks end here. */
  SECURITY_MAX: 99,
  /** Logs, traces and metrics begin here. */
  OBSERVABILITY_MIN: 100,
  /** One of them that does not care. */
  OBSERVABILITY_DEFAULT: 150,
  /** They end here. */
  OBSERVABILITY_MAX: 199,
  /** Rules of the application begin here. */
  BUSINESS_MIN: 200,
  /** Such a rule that does not care. */
  BUSINESS_DEFAULT: 250,
  /** Such rules end here. */
  BUSINESS_MAX: 299,
  /** Hooks that do not say. */
  DEFAULT: 300,
} as const;
