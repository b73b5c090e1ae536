import type { Name, Operator } from "./names_in_text.ts";
import type { Finding } from "./secret.ts";
import type { SecretKeys } from "./secret_keys.ts";

/** What is secret by its name, and what stands for it. */
export interface Names {
  readonly keys: SecretKeys;
  readonly replace: (secret: string) => string;
}

/** A place in a text where a value may begin. */
export interface Place {
  readonly text: string;
  /** Whether nothing follows the text. */
  readonly isWhole: boolean;
  readonly name: Name;
  readonly operator: Operator;
  readonly names: Names;
}

/** Looks for one kind of secret at a place where its beginning stands. */
export interface Opening {
  /** What it begins with, at least three characters. In lower case only if `anyCase`. */
  readonly beginning: string;
  readonly anyCase?: boolean;
  /** Whether it may stand inside of a word. */
  readonly isInside?: boolean;
  find(text: string, at: number, isWhole: boolean, names: Names): Finding;
}
