/**
 * A session of the Claude Agent SDK, watched: its messages are read along. The SDK itself is not needed to run this.
 */
import { EventBus } from "@locus/core";
import { watchQuery } from "@locus/core/bridges/claude-agent";

// In place of query({ prompt: "What is the weather in Oslo?" }).
async function* query() {
  const say = (id: string, block: object) => ({
    type: "assistant",
    message: { id, model: "sonnet", content: [block] },
  });
  yield { type: "system", subtype: "init", model: "sonnet", tools: ["weather"] };
  yield say("m1", { type: "tool_use", id: "c1", name: "weather", input: { city: "Oslo" } });
  const content = [{ type: "tool_result", tool_use_id: "c1", content: "clear, 18 °C" }];
  yield { type: "user", message: { content } };
  yield say("m2", { type: "text", text: "It is clear in Oslo, 18 °C." });
  yield { type: "result", subtype: "success", result: "It is clear in Oslo, 18 °C." };
}

const bus = new EventBus();
for await (const message of watchQuery(query(), { bus })) console.log(message.type);

const [done] = bus.history("agent.tool.completed");
console.log(done?.data.tool_name, "→", done?.data.output_preview);
const [end] = bus.history("agent.terminate");
if (end?.data.total_tool_calls !== 1 || !end.data.success) {
  throw new Error("Expected an agent that called one tool on the bus");
}
