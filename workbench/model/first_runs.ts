/**
 * What makes the first run appear, by what a program is made of.
 *
 * @module
 */

/** A title and the code. */
export const firstRuns: readonly (readonly [title: string, code: string])[] = [
  [
    "AI SDK",
    `import { registerTelemetry } from "ai";
import { locusTelemetry }
  from "@locus/core/bridges/ai-sdk";

registerTelemetry(
  locusTelemetry({ content: true }),
);
// then call generateText() as before`,
  ],
  [
    "LangGraph, LangChain",
    `import { LocusHandler }
  from "@locus/core/bridges/langchain";

await graph.invoke(input, {
  callbacks: [
    new LocusHandler({ content: true }),
  ],
});`,
  ],
  [
    "Your own code",
    `import { withRun, withSpan }
  from "@locus/core";

await withRun(
  { name: "Hello, Locus", content: true },
  async () => {
    await withSpan("work", () => work());
    return "It works.";
  },
);`,
  ],
];
