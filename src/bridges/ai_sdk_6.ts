/**
 * Agents of the [AI SDK](https://ai-sdk.dev), version 6, as runs of Locus: wrap `generateText` and `streamText` with
 * {@linkcode locusWrap}, and each of their calls is watched, with its model calls, tokens, retries and tools, also where one
 * agent calls another. For version 7, see `@locus/core/bridges/ai-sdk`.
 *
 * @example Watch a program that you already have
 * ```ts ignore
 * import * as ai from "ai";
 * import { locusWrap } from "@locus/core/bridges/ai-sdk-6";
 *
 * const generateText = locusWrap(ai.generateText);
 *
 * await generateText({ model, prompt: "Greet me." });
 * ```
 *
 * @module
 */
export { locusWrap } from "./ai_sdk_6/wrap.ts";
export type { BridgeOptions } from "./recorder/record_call.ts";
