/**
 * The team of the demo: a router whose protocol is a graph of two specialists and a search in the documentation, side by
 * side, and of the answer that is made of what they bring.
 *
 * @module
 */
import { channel, END, graph, START } from "@locus/core/graph";
import {
  InMemoryKeywordIndex,
  InMemoryVectorStore,
  type Retriever,
  retriever,
} from "@locus/core/rag";
import { hashEmbedder } from "@locus/core/rag/testing";
import { builtinProtocols, byExamples, type Router, router } from "@locus/core/router";
import { specialist } from "@locus/core/team";
import type { LanguageModelV4 } from "@ai-sdk/provider";
import { Repository } from "./repository.ts";
import { createTools } from "./tools.ts";

/** Makes the team for the repository in `root`, with its documentation indexed. */
export async function createTeam(
  model: LanguageModelV4,
  root: string,
  paceMs: number,
): Promise<Router> {
  const docs = await index(root);
  const tools = createTools(root, { paceMs });
  const member = (name: string, description: string) =>
    specialist({ id: name, name, description, systemPrompt: "Read the repository.", model, tools });
  const [code, survey] = [member("code", "Reads the code."), member("survey", "Counts it.")];
  const work = graph({
    id: "repository team",
    state: {
      question: channel(""),
      code: channel(""),
      size: channel(""),
      docs: channel(""),
      answer: channel(""),
    },
    nodes: {
      code: async ({ question }) => ({ code: (await code.execute(question)).output ?? "" }),
      survey: async () => ({ size: (await survey.execute("Count the lines.")).output ?? "" }),
      docs: async ({ question }) => {
        const { documents } = await docs.retrieve(question, { limit: 3, diversity: 0.3 });
        return {
          docs: documents.map(({ chunk }, i) => `[k${i + 1}] ${placeOf(chunk)}`).join("\n"),
        };
      },
      answer: ({ code, size, docs }) => ({
        answer: [code, `In the documentation:\n${docs}`, size.split("\n")[0]].join("\n\n"),
      }),
    },
    edges: {
      [START]: ["code", "survey", "docs"],
      code: "answer",
      survey: "answer",
      docs: "answer",
      answer: END,
    },
  });
  const low = { domain: "repository", complexity: "low", risk: "low" } as const;
  return router({
    id: "front desk",
    extractor: byExamples(hashEmbedder(), [
      {
        text: "Where is this in the code?",
        frame: { ...low, primary_goal: "research", complexity: "high" },
      },
      { text: "Thank you, and hello.", frame: { ...low, primary_goal: "answer" } },
    ]),
    protocols: [...builtinProtocols, {
      id: "repository_team",
      description: "Two specialists and the documentation, side by side.",
      handles: ["research"],
      primaryFor: ["research"],
      cost: "high",
      build: () => async (question, { signal }) => {
        const { state } = await work.execute({ question }, { signal });
        return state.answer;
      },
    }],
    model,
  });
}

async function index(root: string): Promise<Retriever> {
  const signal = new AbortController().signal;
  const repository = new Repository(root);
  const docs = retriever({
    embedder: hashEmbedder(),
    store: new InMemoryVectorStore({ dimensions: 384 }),
    keywords: new InMemoryKeywordIndex(),
  });
  const files = (await repository.list("docs", signal)).filter(({ path }) => path.endsWith(".md"));
  await docs.index(
    await Promise.all(files.map(async ({ path }) => (
      { id: path, text: await repository.read(path, signal) }
    ))),
  );
  return docs;
}

function placeOf(
  { source_id, headings, start }: { source_id: string; headings: readonly string[]; start: number },
) {
  return `${source_id}, at ${start}: ${headings.join(" › ")}`;
}
