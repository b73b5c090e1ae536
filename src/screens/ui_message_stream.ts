/**
 * Runs as messages of the [AI SDK](https://ai-sdk.dev): {@linkcode toUiMessageStream} makes its UI message stream of a run's
 * events, so that `useChat()` follows a run, whoever is running it. The routes of `@locus/core/hono` serve it at
 * `GET /runs/:run_id/ui-message-stream`.
 *
 * @module
 */
export {
  toUiMessageStream,
  type UiMessageStreamOptions,
} from "./ui_message/to_ui_message_stream.ts";
export type { AgentData, InterruptData, UiMessageStreamChunk } from "./ui_message/chunks.ts";
