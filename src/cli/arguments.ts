import { parseArgs } from "node:util";
import type { Command, Given } from "./command.ts";
import { UsageError } from "./exit_code.ts";
import { didYouMean } from "../core/nearest.ts";

type OptionTypes = Record<string, { type: "boolean" | "string"; multiple: boolean }>;

/**
 * Reads the arguments of a command.
 *
 * @throws {UsageError} If there are too few, too many, or one that it does not know.
 */
export function readArguments(
  args: readonly string[],
  { usage, words: [min, max], options: known }: Command,
): Given {
  const options: OptionTypes = {};
  for (const [name, { value }] of Object.entries(known)) {
    options[name] = value === undefined
      ? { type: "boolean", multiple: false }
      : { type: "string", multiple: true };
  }
  const { positionals: words, values: given } = parse(args, options);
  if (words.length < min || words.length > max) throw new UsageError(`usage: locus ${usage}`);
  const flags = new Set<string>();
  const values: Record<string, string[]> = {};
  for (const [name, value] of Object.entries(given)) {
    if (Array.isArray(value)) values[name] = value as string[];
    else if (value === true) flags.add(name);
  }
  return { words, flags, values };
}

/** Reads `--header "Name: value"`, given any number of times. */
export function readHeaders(lines: readonly string[] = []): Headers {
  const headers = new Headers();
  for (const line of lines) {
    const colon = line.indexOf(":");
    try {
      if (colon < 1) throw new TypeError();
      headers.append(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
    } catch {
      // Its value may be a secret.
      throw new UsageError(`--header must be "Name: value"`);
    }
  }
  return headers;
}

/** Reads the value of an option that is a number above zero. */
export function readPositive(
  name: string,
  texts: readonly string[] | undefined,
  fallback: number,
): number {
  const text = texts?.at(-1);
  if (text === undefined) return fallback;
  const value = Number(text);
  if (text.trim() !== "" && value > 0 && Number.isFinite(value)) return value;
  throw new UsageError(`--${name} must be a number above 0, got "${text}"`);
}

function parse(args: readonly string[], options: OptionTypes) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(
      unknownOption(args, options) ??
        (error instanceof Error ? error.message.split(/\. |\n/, 1)[0]! : String(error)),
    );
  }
}

/** What is wrong with the first option that is none; null if all are known. */
function unknownOption(args: readonly string[], options: OptionTypes): string | null {
  const { tokens } = parseArgs({
    args: [...args],
    options,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== "option" || Object.hasOwn(options, token.name)) continue;
    const known = Object.keys(options).map((name) => `--${name}`);
    const hint = didYouMean(token.rawName, [...known, "--help"]);
    return `there is no option ${token.rawName} here${hint || `; there is ${known.join(", ")}`}`;
  }
  return null;
}
