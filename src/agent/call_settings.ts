/** What an agent's options say of every model call. */

import type { SharedV4ProviderOptions } from "@ai-sdk/provider";
import { describe } from "../core/options.ts";
import { frozenCopy, isRecord } from "../core/json.ts";
import { readNumber, readWhole } from "../core/option_values.ts";
import type { CallSettings, ProviderOptions } from "./model/request.ts";

/** The options that are about a call; null is not given. */
interface CallOptions {
  temperature?: number | null;
  maxTokens?: number | null;
  providerOptions?: ProviderOptions | null;
}

const OWNER = "Agent";

/**
 * Only what is given: some models refuse the rest.
 *
 * @throws {TypeError} If an option is of the wrong type.
 * @throws {RangeError} If a number is out of its range.
 */
export function readCallSettings(
  { temperature, maxTokens, providerOptions }: CallOptions,
): CallSettings {
  const given = <T>(value: T | null | undefined): value is T =>
    value !== undefined && value !== null;
  return Object.freeze({
    ...given(temperature) && { temperature: readNumber(OWNER, "temperature", temperature, 0, 2) },
    ...given(maxTokens) && { maxOutputTokens: readWhole(OWNER, "maxTokens", maxTokens, 1) },
    ...given(providerOptions) && { providerOptions: readProviderOptions(providerOptions) },
  });
}

function readProviderOptions(value: unknown): SharedV4ProviderOptions {
  if (isRecord(value) && Object.values(value).every(isRecord)) {
    return frozenCopy(value) as SharedV4ProviderOptions;
  }
  throw new TypeError(
    'Agent: "providerOptions" must be an object that holds an object for each provider, got ' +
      describe(isRecord(value) ? Object.values(value).find((item) => !isRecord(item)) : value),
  );
}
