import { EventBus } from "@locus/core";
import { Agent } from "@locus/core/agent";
import { agentServer } from "@locus/core/agent-server";
import { ScriptedModel } from "../harness/support/scripted_model.ts";
import { mistakes, noBuses, noOptions, PROMISE, wrong } from "./_mistakes.ts";

const agent = new Agent({ model: new ScriptedModel() });

noOptions("agentServer()", (o) => agentServer(o));
noBuses(
  "agentServer()",
  (bus) => agentServer({ agent, bus }),
  '"bus" must be an event bus, got ',
);

mistakes("agentServer()", [
  ["nothing", () => agentServer(wrong(undefined)), "options must be an object, got undefined"],
  ["an agent", () => agentServer(wrong(agent)), "did you mean { agent }?"],
  ["no agent", () => agentServer(wrong({})), '"agent" must be an agent, got undefined'],
  ["a promise", () => agentServer({ agent: wrong(Promise.resolve(agent)) }), PROMISE],
  ["the class", () => agentServer({ agent: wrong(Agent) }), "got a class"],
  ["a model", () => agentServer({ agent: wrong(new ScriptedModel()) }), '"agent" must be an agent'],
  ["a bus", () => agentServer({ agent: wrong(new EventBus()) }), "got an event bus"],
  ["one key", () => agentServer({ agent, apiKeys: wrong("k") }), '"apiKeys" must be an array'],
  [
    "an unset key",
    () => agentServer({ agent, apiKeys: [wrong(undefined)] }),
    '"apiKeys" must hold',
  ],
  ["an empty key", () => agentServer({ agent, apiKeys: [""] }), '"apiKeys" must hold'],
  [
    "two ways",
    () => agentServer({ agent, apiKeys: ["k"], allowUnauthenticated: true }),
    "only one of",
  ],
  [
    "text for true",
    () => agentServer({ agent, allowUnauthenticated: wrong("yes") }),
    "true or false",
  ],
  ["no function", () => agentServer({ agent, authenticate: wrong("k") }), '"authenticate" must be'],
  [
    "a wrong word",
    () => agentServer({ agent, onDisconnect: wrong("stop") }),
    '"onDisconnect" must be',
  ],
  ["no runs", () => agentServer({ agent, maxRuns: 0 }), '"maxRuns" must be'],
  ["null", () => agentServer({ agent, maxRuns: wrong(null) }), '"maxRuns" must be'],
  ["a text", () => agentServer({ agent, maxStreams: wrong("9") }), 'got "9"'],
  ["a number as title", () => agentServer({ agent, title: wrong(5) }), '"title" must be a string'],
]);

const server = agentServer({ agent });
noOptions("AgentServer.listen()", (o) => server.listen(o));
mistakes("AgentServer.listen()", [
  ["nothing", () => server.listen(wrong(undefined)), "options must be an object, got undefined"],
  ["no server", () => server.listen(wrong({})), '"serve" must be given'],
  ["a port first", () => server.listen(wrong(8000)), "options must be an object, got 8000"],
  ["no function", () => server.listen({ serve: wrong({}) }), '"serve" must be a function'],
  ["a port as text", () => server.listen({ serve: () => {}, port: wrong("80") }), '"port" must be'],
  ["a large port", () => server.listen({ serve: () => {}, port: 70000 }), '"port" must be'],
  ["an empty name", () => server.listen({ serve: () => {}, hostname: "" }), '"hostname" must be'],
]);
