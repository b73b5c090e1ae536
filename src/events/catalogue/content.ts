/**
 * The messages of a conversation with a model, as `span.content` carries them: in the shape of OpenTelemetry's
 * `gen_ai.input.messages`.
 *
 * @module
 */

/** One message of a conversation. */
export interface ContentMessage {
  /** Who says it: `system`, `user`, `assistant` or `tool`. */
  readonly role: string;
  /** What it says, in order. */
  readonly parts: readonly ContentPart[];
  /** The name of who says it, where there is one. */
  readonly name?: string;
}

/** A part of a message. Which keys it has depends on its `type`; other types than these may come. */
export interface ContentPart {
  /**
   * - `text`, `reasoning`: `content`.
   * - `tool_call`: `id`, `name`, `arguments`; `tool_call_response`: `id`, `response`.
   * - `server_tool_call`, `server_tool_call_response`: the same for tools that the provider executes.
   * - `uri`: `uri`; `file`: `file_id`; `blob`: `bytes`. All three may have `mime_type` and `modality`.
   */
  readonly type: string;
  /** The text. A blob has none. */
  readonly content?: string;
  /** The id of a tool call. */
  readonly id?: string | null;
  /** The name of a tool. */
  readonly name?: string;
  /** What a tool is called with. */
  readonly arguments?: unknown;
  /** What a tool returned. */
  readonly response?: unknown;
  /** Where the data is. */
  readonly uri?: string;
  /** What the provider calls a file that it holds. */
  readonly file_id?: string;
  /** The type of the data, such as `image/png`. */
  readonly mime_type?: string | null;
  /** `image`, `audio`, `video`, or another kind of data. */
  readonly modality?: string;
  /** How large the data is; null if that is not known. */
  readonly bytes?: number | null;
  /** Keys of other types. */
  readonly [key: string]: unknown;
}
