/**
 * An agent with a list of things to do, files and a sub-agent; the run shows each of them as it changes.
 */
import { EventBus, runContext } from "@locus/core";
import { createDeepAgent, memoryFiles } from "@locus/core/deepagent";
import { scriptedModel } from "@locus/core/testing";

const call = (toolName: string, input: object) => ({ toolCalls: [{ toolName, input }] });
const todos = (status: string) => [{ content: "Read about gaps", status }];
// In your program: openai("gpt-5") and the like.
const model = scriptedModel([
  call("write_todos", { todos_json: todos("pending") }),
  call("task", { subagent_type: "reader", description: "Read about gaps in /docs/bus.md." }),
  call("write_file", { path: "/notes.md", contents: "A gap says what was lost." }),
  call("write_todos", { todos_json: todos("completed") }),
  "It is in /notes.md.",
]);
const reader = {
  name: "reader",
  description: "Reads files.",
  systemPrompt: "You read what you are told to, and say what matters.",
  model: scriptedModel([call("read_file", { path: "/docs/bus.md" }), "A gap says what was lost."]),
};

const backend = memoryFiles({ "/docs/bus.md": "A gap says which events were lost." });
const agent = createDeepAgent({
  model,
  subagents: [reader],
  enableTodos: true,
  enableFilesystem: true,
  backend,
  grounding: false,
});

const bus = new EventBus();
bus.on("deepagent.*", ({ event_type, data }) => console.log(event_type, JSON.stringify(data)));
await runContext({ bus, runId: "notes" }, () => agent.invoke("Take notes about gaps."));
await bus.drained("notes");
if ((await backend.read("/notes.md")) === null) throw new Error("There are no notes");
