/** Takes secrets out of a text. */
interface TextRedactor {
  redact?(text: string): string;
}

// One for all copies of this module in the process.
const KEY = Symbol.for("@locus/core/redaction");
const registry = globalThis as { [KEY]?: TextRedactor };

/**
 * What the core searches texts with. Empty until the redaction module is loaded; a module of its own, so that this
 * does not load the bus.
 */
export const textRedactor: TextRedactor = registry[KEY] ??= {};
