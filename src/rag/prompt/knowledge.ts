import type { HookContext } from "../../agent/hooks/context.ts";
import type { Hook } from "../../agent/hooks/hook.ts";
import type { AfterModelCallEvent, BeforeModelCallEvent } from "../../agent/hooks/model_events.ts";
import { definePlugin, type Plugin } from "../../agent/plugin.ts";
import type { AgentState } from "../../agent/state/state.ts";
import { publishContent } from "../../content/publish_content.ts";
import { checkOptions } from "../../core/options.ts";
import { ambientRun } from "../../core/run/run_context.ts";
import type { Retriever } from "../retriever.ts";
import type { Hit } from "../search/hit.ts";
import type { RetrieveOptions } from "../search/query.ts";
import { documentOf } from "../search/query_span.ts";
import { documentsText, labelOf, SECURITY_NOTE } from "./spotlight.ts";
import { findUses } from "./uses.ts";

/** Options of {@linkcode knowledge}. */
export type KnowledgeOptions = Pick<
  RetrieveOptions,
  "limit" | "threshold" | "minScore" | "filter" | "diversity"
>;

/**
 * A plugin that gives the model what answers the question, with each of its calls. It searches once for each question; the
 * conversation that is kept stays without the documents.
 *
 * - **Place:** before the question, in the person's message: what is retrieved must not have the weight of an instruction.
 * - **Citations:** the model is asked to cite `[k1]`. Where content is asked for, the call's span says which documents it
 *   was given (`used_by: "context"`), which of them the answer cites (`"citation"`) and which it repeats (`"match"`).
 *
 * @throws {TypeError} If an option is unknown.
 *
 * @example
 * ```ts
 * import { Agent } from "@locus/core/agent";
 * import { InMemoryVectorStore, knowledge, retriever } from "@locus/core/rag";
 * import { hashEmbedder } from "@locus/core/rag/testing";
 * import { scriptedModel } from "@locus/core/testing";
 *
 * const docs = retriever({ embedder: hashEmbedder(), store: new InMemoryVectorStore({ dimensions: 384 }) });
 * await docs.index([{ id: "gaps.md", text: "A gap says how many events were missed." }]);
 * const model = scriptedModel(["How many events were missed [k1]."]);
 * await new Agent({ model, plugins: [knowledge(docs)] }).invoke("What does a gap say?");
 * ```
 */
export function knowledge(retriever: Retriever, options: KnowledgeOptions = {}): Plugin {
  checkOptions("knowledge()", options, ["limit", "threshold", "minScore", "filter", "diversity"]);
  return definePlugin({ name: "knowledge", hooks: [new KnowledgeHook(retriever, options)] });
}

/** What was found for the question of a run. */
interface Found {
  readonly question: string;
  readonly documents: readonly Hit[];
}

class KnowledgeHook implements Hook {
  readonly name = "knowledge";
  readonly #retriever: Retriever;
  readonly #options: KnowledgeOptions;
  readonly #prompts = new WeakMap<HookContext, string>();
  readonly #found = new WeakMap<HookContext, Found>();

  constructor(retriever: Retriever, options: KnowledgeOptions) {
    this.#retriever = retriever;
    this.#options = options;
  }

  onBeforeInvocation(prompt: string, _: AgentState, context: HookContext): void {
    this.#prompts.set(context, prompt);
  }

  async onBeforeModelCall({ messages, context, replaceMessages }: BeforeModelCallEvent) {
    const prompt = this.#prompts.get(context);
    const isAsked = messages.findLastIndex(({ role, content }) =>
      role === "user" && content === prompt
    );
    // A run that goes on has no prompt of its own.
    const at = isAsked >= 0 ? isAsked : messages.findLastIndex(({ role }) => role === "user");
    const question = messages[at]?.content;
    if (!question?.trim()) return;
    const { documents } = await this.#search(question, context);
    if (documents.length === 0) return;
    const content = `${INSTRUCTION}\n\n${documentsText(documents)}\n\n${question}`;
    replaceMessages(messages.with(at, { ...messages[at]!, content }));
  }

  onAfterModelCall({ response, spanId, context }: AfterModelCallEvent): void {
    const found = this.#found.get(context);
    if (found === undefined || response.content === null || !ambientRun()?.content) return;
    const uses = findUses(response.content, found.documents);
    for (const kind of ["citation", "match"] as const) {
      const used = uses.filter(({ used_by }) => used_by === kind).map((use) => ({
        label: use.label,
        // Null: the answer cites what it was not given.
        id: use.document?.chunk.id ?? null,
        ...use.document !== null && documentOf(use.document),
        answer_start: use.start,
        answer_end: use.end,
      }));
      if (used.length > 0) publishUse(spanId ?? context.spanId, kind, used);
    }
  }

  async #search(question: string, context: HookContext): Promise<Found> {
    const before = this.#found.get(context);
    if (before?.question === question) return before;
    const { documents } = await this.#retriever.retrieve(question.slice(0, MAX_QUERY), {
      ...this.#options,
      signal: context.signal,
    });
    const found = { question, documents };
    this.#found.set(context, found);
    const given = documents.map((hit, index) => ({ label: labelOf(index), ...documentOf(hit) }));
    if (given.length > 0) publishUse(context.spanId, "context", given);
    return found;
  }
}

function publishUse(
  span_id: string | null,
  used_by: "context" | "citation" | "match",
  documents: readonly object[],
): void {
  const run = ambientRun();
  if (run === undefined || span_id === null) return;
  publishContent(run, { span_id, direction: "input", used_by }, "documents", documents);
}

const INSTRUCTION =
  `Answer from these documents where they help, and cite the ones you use as [k1]. ${SECURITY_NOTE}`;
// Embedding models take some 8,000 tokens.
const MAX_QUERY = 8_000;
