/** What a policy can refuse. */
export type ContentCategory = "hate_speech" | "violence" | "self_harm" | "illegal_activity";

/**
 * Phrases that tell a category. A coarse net: it knows neither context nor other languages. For more than
 * a last check, have a model judge.
 */
export const CONTENT_KEYWORDS: Readonly<Record<ContentCategory, readonly string[]>> = Object.freeze(
  {
    hate_speech: ["racial slur", "ethnic cleansing", "inferior race", "master race", "subhuman"],
    violence: ["build a bomb", "how to kill", "make a bomb", "mass shooting", "pipe bomb"],
    self_harm: ["cut myself", "end my life", "hurt yourself", "kill myself", "kill yourself"],
    illegal_activity: [
      "cook meth",
      "counterfeit money",
      "launder money",
      "steal a credit card",
      "stolen credit cards",
    ],
  },
);
