import { createRedactor, type Redactor } from "./redactor.ts";

let made: Redactor | undefined;

/** The redactor of known secrets, made at its first use: what everything uses that is given no other. */
export function defaultRedactor(): Redactor {
  return made ??= createRedactor();
}
