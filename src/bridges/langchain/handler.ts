import { fence } from "../recorder/fence.ts";
import { type BridgeOptions, checkBridgeOptions } from "../recorder/record_call.ts";
import { fieldsOf, listOf, textIn } from "../recorder/fields.ts";
import { namespaceOf, OpenCalls } from "./open_calls.ts";
import { noteThread } from "./threads.ts";
import {
  classOf,
  lastText,
  messageText,
  optionsIn,
  questionIn,
  thoughtIn,
  toContentMessage,
  usageIn,
} from "./values.ts";

/**
 * A callback handler for LangChain, LangGraph and deepagents: pass it as `callbacks: [new LocusHandler()]` to `invoke()`,
 * `stream()` or `streamEvents()`, or once to a graph with `withConfig()`. One handler is enough for all calls, also for
 * those at the same time.
 *
 * - **Where:** a call inside of a run becomes part of it. Any other call becomes a run of its own, unless `runs` says
 *   otherwise.
 * - **In order:** the handler is awaited, and is done when it returns. It changes nothing that the framework does.
 *
 * @throws {TypeError} If an option is unknown or not valid.
 */
export class LocusHandler {
  /** The name of the handler, as LangChain prints it. */
  readonly name = "locus";
  /** Otherwise a queue is told, and `invoke()` may return before its last event. */
  readonly awaitHandlers = true;
  readonly #calls: OpenCalls;

  /** Makes a handler. */
  constructor(options: BridgeOptions = {}) {
    checkBridgeOptions("LocusHandler", options);
    this.#calls = new OpenCalls(options);
    // What LangGraph knows handlers of interrupts by.
    Object.defineProperty(this, Symbol.for("langgraph.graph_callback_handler"), { value: true });
    // LangChain would print what they throw.
    const names = Object.getOwnPropertyNames(LocusHandler.prototype);
    fence(this, names.filter((name) => name.startsWith("handle")));
  }

  /** LangChain may copy handlers; this one stays what it is. */
  copy(): this {
    return this;
  }

  /**
   * A graph, a node or a part of a chain begins. The declarations of LangChain have the arguments in another order; these
   * are what it calls.
   */
  handleChainStart(
    chain: unknown,
    input: unknown,
    id: string,
    parent?: string,
    tags: readonly string[] = [],
    metadata: Readonly<Record<string, unknown>> = {},
    _type?: string,
    name?: string,
  ): void {
    const begun = { id, parent, input, metadata };
    const around = this.#calls.get(parent);
    const agentName = textIn(metadata, "lc_agent_name");
    if (around !== undefined && tags.includes("langsmith:hidden")) {
      this.#calls.join(id, around);
    } else if (around !== undefined && tags.some((tag) => tag.startsWith("graph:step:"))) {
      const { resumed } = around.call;
      const isResumed = resumed?.places.has(namespaceOf(begun)) ?? false;
      this.#calls.open("node", begun, {
        name: textIn(metadata, "langgraph_node") ?? "node",
        step: Number(metadata.langgraph_step ?? 1),
        answers: isResumed ? resumed!.questions : [],
      });
    } else if (around === undefined || /Graph$|Pregel$|^ReactAgent$/.test(classOf(chain))) {
      // What was called from outside or by a tool, or has an agent's name, is an agent; any other is part of a graph.
      const kind = around?.call.recorder.kindOf(around.key);
      const isAgent = kind === undefined || kind === "tool" ||
        agentName !== undefined;
      this.#calls.open(isAgent ? "agent" : "graph", begun, {
        name: agentName ?? name ?? "graph",
        attributes: { thread_id: textIn(metadata, "thread_id") ?? null },
      });
      if (isAgent) this.#calls.content(id, "input", "text", () => lastText(input));
    } // Sequences, parsers and the functions of conditional edges are not work of their own.
    else this.#calls.join(id, around);
  }

  /** It is over. */
  handleChainEnd(output: unknown, id: string): void {
    const { waits, top } = this.#calls.get(id)?.call ?? {};
    this.#calls.close(id, waits && top === id ? { waits } : { text: lastText(output) });
  }

  /** It failed, or waits for a person. */
  handleChainError(error: unknown, id: string): void {
    this.#calls.fail(id, error);
  }

  /** A model is called. */
  handleChatModelStart(
    model: unknown,
    messages: unknown,
    id: string,
    parent?: string,
    extra?: unknown,
    _tags?: unknown,
    metadata: Readonly<Record<string, unknown>> = {},
    name?: string,
  ): void {
    const [prompt] = listOf(messages);
    const list = listOf(prompt);
    const modelId = textIn(metadata, "ls_model_name") ??
      textIn(fieldsOf(extra).invocation_params, "model");
    this.#calls.open("model", { id, parent, input: { messages: list }, metadata }, {
      name: modelId ?? name ?? classOf(model),
      attributes: {
        model: modelId ?? null,
        provider: textIn(metadata, "ls_provider") ?? null,
        temperature: metadata.ls_temperature,
        message_count: list.length,
      },
    });
    this.#calls.content(id, "input", "messages", () => list.map(toContentMessage));
  }

  /** A model of the older kind, for texts, is called. */
  handleLLMStart(
    model: unknown,
    prompts: readonly string[],
    id: string,
    parent?: string,
    extra?: unknown,
    tags?: unknown,
    metadata?: Readonly<Record<string, unknown>>,
    name?: string,
  ): void {
    this.handleChatModelStart(model, [prompts], id, parent, extra, tags, metadata, name);
  }

  /** A model streams. */
  handleLLMNewToken(
    token: string,
    _index: unknown,
    id: string,
    _parent?: string,
    _tags?: unknown,
    fields?: unknown,
  ): void {
    const recorder = this.#calls.recorderOf(id);
    const { message } = fieldsOf(fieldsOf(fields).chunk);
    for (const call of listOf(fieldsOf(message).tool_call_chunks)) {
      if (textIn(call, "name")) recorder?.delta(id, "", "tool_input");
      recorder?.delta(id, textIn(call, "args") ?? "", "tool_input");
    }
    const thought = thoughtIn(message);
    if (thought !== "") recorder?.delta(id, thought, "reasoning");
    if (token !== "") recorder?.delta(id, token);
  }

  /** The same where a graph is read by `streamEvents()` of version 3. */
  handleChatModelStreamEvent(event: unknown, id: string): void {
    const recorder = this.#calls.recorderOf(id);
    const { event: type, content, delta } = fieldsOf(event);
    const kind = textIn(delta, "type") ?? "";
    if (type === "content-block-start" && /tool_call/.test(textIn(content, "type") ?? "")) {
      recorder?.delta(id, "", "tool_input");
    } else if (type !== "content-block-delta") return;
    else if (kind === "text-delta") {
      recorder?.delta(id, textIn(delta, "text") ?? "");
    } else if (/reasoning/.test(kind)) {
      recorder?.delta(id, textIn(delta, "reasoning") ?? textIn(delta, "text") ?? "", "reasoning");
    }
  }

  /** A model has answered. */
  handleLLMEnd(output: unknown, id: string): void {
    const [first] = listOf(listOf(fieldsOf(output).generations)[0]);
    const { message, generationInfo } = fieldsOf(first);
    const metadata = fieldsOf(message).response_metadata;
    const finish = textIn(metadata, "finish_reason") ??
      textIn(metadata, "stop_reason") ??
      textIn(generationInfo, "finish_reason") ?? null;
    if (message !== undefined) {
      this.#calls.content(id, "output", "messages", () => [toContentMessage(message)]);
    }
    this.#calls.close(id, {
      text: messageText(message) || textIn(first, "text"),
      toolCalls: listOf(fieldsOf(message).tool_calls).length,
      finish,
      usage: usageIn(message, output),
      attributes: {
        response_id: textIn(message, "id") ?? null,
        response_model: textIn(metadata, "model_name") ?? null,
      },
    });
  }

  /** A model failed. */
  handleLLMError(error: unknown, id: string): void {
    this.#calls.fail(id, error);
  }

  /** A tool is called. */
  handleToolStart(
    tool: unknown,
    input: unknown,
    id: string,
    parent?: string,
    _tags?: unknown,
    metadata: Readonly<Record<string, unknown>> = {},
    name?: string,
    callId?: string,
  ): void {
    this.#calls.open("tool", { id, parent, input: undefined, metadata }, {
      name: name ?? textIn(tool, "name") ?? classOf(tool),
      callId,
      args: input,
    });
  }

  /** It returned. Its message may say that it failed. */
  handleToolEnd(output: unknown, id: string): void {
    const { status, content = output } = fieldsOf(output);
    const isError = status === "error";
    this.#calls.close(
      id,
      isError ? { error: new Error(messageText(output)) } : { output: content },
    );
  }

  /** It failed, or waits for a person. */
  handleToolError(error: unknown, id: string): void {
    this.#calls.fail(id, error);
  }

  /** Documents are looked up. */
  handleRetrieverStart(
    retriever: unknown,
    query: string,
    id: string,
    parent?: string,
    _tags?: unknown,
    metadata: Readonly<Record<string, unknown>> = {},
    name?: string,
  ): void {
    const begun = { id, parent, input: undefined, metadata };
    this.#calls.open("retrieval", begun, { name: name ?? classOf(retriever) });
    this.#calls.content(id, "input", "text", () => query);
  }

  /** They were found. */
  handleRetrieverEnd(found: unknown, id: string): void {
    const documents = listOf(found);
    this.#calls.content(id, "output", "documents", () =>
      documents.map((document) => {
        const { id = null, pageContent: text, metadata } = fieldsOf(document);
        return { id, score: null, text, metadata };
      }));
    this.#calls.close(id, { attributes: { hit_count: documents.length } });
  }

  /** They could not be. */
  handleRetrieverError(error: unknown, id: string): void {
    this.#calls.fail(id, error);
  }

  /** An event of the program's own, by `dispatchCustomEvent()`. */
  handleCustomEvent(name: string, data: unknown, id: string): void {
    const spot = this.#calls.get(id);
    const type = `langgraph.${name.replace(/[^\w.:-]/g, "_")}`.slice(0, 64);
    spot?.call.recorder.say(spot.key, type, { value: data });
  }

  /** A graph asks a person. */
  handleInterrupt(event: unknown): void {
    const { runId, interrupts } = fieldsOf(event);
    const spot = this.#calls.get(String(runId));
    if (spot === undefined) return;
    const { call, key } = spot;
    call.waits = true;
    for (const { id, value } of listOf(interrupts).map(fieldsOf)) {
      if (call.threadId !== undefined) {
        noteThread(call.threadId).questions.push(String(id));
      }
      const question = { id: String(id), question: questionIn(value), options: optionsIn(value) };
      call.recorder.interrupt(key, question);
    }
  }

  /** A graph goes on; its beginning has said so already. */
  handleResume(): void {}
}
