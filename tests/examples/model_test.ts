import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { chooseModel, ollamaUrl } from "../../examples/demo/model.ts";

test("chooseModel() takes the planner when there is no key", async () => {
  assertEquals((await chooseModel({})).isPlanner, true);
  assertEquals((await chooseModel({ OPENAI_API_KEY: "" })).isPlanner, true);
});

test("chooseModel() takes the provider that there is a key for", async () => {
  const model = async (env: Record<string, string>) => {
    const { model, isPlanner } = await chooseModel(env);
    return [model.provider, model.modelId, isPlanner];
  };
  assertEquals(await model({ OPENAI_API_KEY: "k" }), ["openai.responses", "gpt-5-mini", false]);
  assertEquals(await model({ ANTHROPIC_API_KEY: "k", LOCUS_DEMO_MODEL: "claude-x" }), [
    "anthropic.messages",
    "claude-x",
    false,
  ]);
  assertEquals(await model({ OLLAMA_HOST: "localhost" }), ["ollama.chat", "qwen3", false]);
});

test("ollamaUrl() completes what OLLAMA_HOST leaves out", () => {
  assertEquals(ollamaUrl("localhost"), "http://localhost:11434/v1");
  assertEquals(ollamaUrl("0.0.0.0:11434"), "http://127.0.0.1:11434/v1");
  assertEquals(ollamaUrl("http://10.0.0.7:8080/"), "http://10.0.0.7:8080/v1");
  assertEquals(ollamaUrl("https://models.example"), "https://models.example/v1");
});
