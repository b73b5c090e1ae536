/**
 * Messages in the shapes of the Claude Agent SDK, for the tests of its bridge. No word of them comes from a real session, and the SDK
 * is not needed: its licence does not let it be part of an open project.
 *
 * @module
 */

/** A message of a session, or something that happens between two of them. */
export type Message = Readonly<Record<string, unknown>> | (() => unknown);
/** A call of a tool. */
export type Call = readonly [id: string, name: string, input: object];

let ids = 0;

/** The beginning of a turn of a session. */
export const init: Message = system("init", {
  model: "sonnet",
  tools: ["weather", "Task"],
  session_id: "s-1",
});

/** A message about the session itself. */
export function system(subtype: string, fields: object = {}): Message {
  return { type: "system", subtype, ...fields };
}

/** What a model says: a text, or calls of tools. With `owner`, it is that of a sub-agent in the call of that id. */
export function says(said: string | readonly Call[], owner: string | null = null): Message[] {
  const id = `msg_${ids++}`;
  const isText = typeof said === "string";
  const blocks = isText
    ? [{ type: "text", text: said }]
    : said.map(([id, name, input]) => ({ type: "tool_use", id, name, input }));
  const usage = { input_tokens: 3, cache_read_input_tokens: 2, output_tokens: 4 };
  const message = { id, model: "sonnet", role: "assistant", usage };
  const part = (event: object) => ({ type: "stream_event", event, parent_tool_use_id: owner });
  return [
    part({ type: "message_start", message: { ...message, content: [] } }),
    ...blocks.flatMap((block, index) => [
      part({ type: "content_block_start", index, content_block: block }),
      ...deltasOf(block).map((delta) => part({ type: "content_block_delta", index, delta })),
      part({ type: "content_block_stop", index }),
      { type: "assistant", message: { ...message, content: [block] }, parent_tool_use_id: owner },
    ]),
    part({
      type: "message_delta",
      delta: { stop_reason: isText ? "end_turn" : "tool_use" },
      usage,
    }),
    part({ type: "message_stop" }),
  ];
}

function deltasOf(block: { type: string; text?: string; input?: object }): object[] {
  if (block.type === "tool_use") {
    return [{ type: "input_json_delta", partial_json: JSON.stringify(block.input) }];
  }
  return block.text!.split(/(?<= )/).map((text) => ({ type: "text_delta", text }));
}

/** A tool has returned. */
export function returns(
  id: string,
  content: string,
  owner: string | null = null,
  is_error = false,
): Message {
  const block = { type: "tool_result", tool_use_id: id, content, is_error };
  return { type: "user", message: { content: [block] }, parent_tool_use_id: owner };
}

/** The session has an answer, or none. */
export function result(text: string, subtype = "success"): Message {
  const isOk = subtype === "success";
  return {
    type: "result",
    subtype,
    is_error: !isOk,
    num_turns: 1,
    total_cost_usd: 0.01,
    ...isOk ? { result: text } : { errors: [text] },
  };
}

/** A query that says all that, and has a method of its own. */
export class Replay {
  readonly #messages: AsyncGenerator<unknown>;

  constructor(messages: readonly Message[]) {
    this.#messages = (async function* () {
      for (const message of messages) {
        if (typeof message === "function") await message();
        else yield message;
      }
    })();
  }

  next(): Promise<IteratorResult<unknown>> {
    return this.#messages.next();
  }

  return(): Promise<IteratorResult<unknown>> {
    return this.#messages.return(undefined);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Of the query alone. */
  interrupt(): Promise<string> {
    return Promise.resolve("interrupted");
  }
}
