/** Two agents: one is served over A2A, the other calls it as a tool, and passes its question on. */
import { a2aClient, a2aServer } from "@locus/core/a2a";
import { Agent, tool } from "@locus/core/agent";
import { scriptedModel } from "@locus/core/testing";

const sign = tool({
  name: "sign",
  execute: (_, { interrupt }) => interrupt("Sign the contract?"),
});
const url = "https://legal.example";
const model = scriptedModel([{ toolCalls: [{ toolName: "sign" }] }, "Signed."]);
const server = a2aServer({
  agent: new Agent({ model, tools: [sign] }),
  card: { name: "Legal", description: "Signs", url, skills: ["sign"] },
  apiKeys: ["secret"],
});

const legal = a2aClient(url, {
  headers: { Authorization: "Bearer secret" },
  // In earnest, there is a network.
  fetch: async (url, init) => await server.request(url, init),
});
const agent = new Agent({
  model: scriptedModel([
    { toolCalls: [{ toolName: "legal", input: { task: "Sign it" } }] },
    "The contract is signed.",
  ]),
  tools: [legal.asTool({ name: "legal", description: "Signs contracts" })],
});

console.log((await agent.invoke("Close the deal")).message);
const run = agent.resume("yes");
for await (const { event_type } of run) console.log(event_type);
if (run.result?.message !== "The contract is signed.") {
  throw new Error("The answer should have reached the other agent");
}
