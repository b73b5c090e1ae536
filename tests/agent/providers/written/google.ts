/** Gemini: https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent */

import { createGoogle } from "@ai-sdk/google";
import { events, said, type Written } from "./turns.ts";

const chunk = (parts: object[], rest: object = {}) => ({
  candidates: [{ content: { role: "model", parts }, index: 0, ...rest }],
  modelVersion: "gemini-2.5-flash",
  responseId: "r1",
});

const usage = (prompt: number, answer: number, cached: number, thoughts: number) => ({
  usageMetadata: {
    promptTokenCount: prompt,
    candidatesTokenCount: answer,
    totalTokenCount: prompt + answer + thoughts,
    cachedContentTokenCount: cached,
    thoughtsTokenCount: thoughts,
  },
});

/** Google. */
export const google: Written = {
  name: "@ai-sdk/google",
  model: (baseURL) => createGoogle({ baseURL, apiKey: "k" })("gemini-2.5-flash"),
  turns: [
    events(
      chunk([{ text: said.reasoning, thought: true }]),
      chunk([{ text: said.before }]),
      {
        ...chunk(
          [{ functionCall: { name: said.tool, args: said.args }, thoughtSignature: "c2ln" }],
          {
            finishReason: "STOP",
          },
        ),
        ...usage(40, 13, 10, 7),
      },
    ),
    events(
      chunk([{ text: said.after[0] }]),
      { ...chunk([{ text: said.after[1] }], { finishReason: "STOP" }), ...usage(60, 5, 40, 0) },
    ),
  ],
  stopReasons: ["STOP", "STOP"],
  tokens: [100, 25, 50, 7],
};
