/**
 * Agents for work that takes long: planning, files with a change event for each write, sub-agents, knowledge to search.
 *
 * @example A sub-agent that can be watched
 * ```ts
 * import { EventBus, runContext } from "@locus/core";
 * import { createDeepAgent } from "@locus/core/deepagent";
 * import { scriptedModel } from "@locus/core/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const agent = createDeepAgent({
 *   model: scriptedModel([
 *     { toolCalls: [{ toolName: "task", input: { subagent_type: "reader", description: "Read it." } }] },
 *     "It is about gaps.",
 *   ]),
 *   subagents: [{
 *     name: "reader",
 *     description: "Reads texts.",
 *     systemPrompt: "You read.",
 *     model: scriptedModel(["Gaps, all of it."]),
 *   }],
 *   grounding: false,
 * });
 * const bus = new EventBus();
 * await runContext({ bus }, () => agent.invoke("What is it about?"));
 * const [completed] = bus.history("deepagent.subagent.completed");
 * assertEquals([completed?.data.subagent_type, completed?.data.success], ["reader", true]);
 * ```
 *
 * @module
 */

export { createDeepAgent, type Datastore, type DeepAgentOptions } from "./create_deep_agent.ts";
export { type FileBackend, FileError, type FileErrorCode, type FileInfo } from "./files/backend.ts";
export { diskFiles } from "./files/disk_files.ts";
export { memoryFiles } from "./files/memory_files.ts";
export { storageFiles } from "./files/storage_files.ts";
export type { SubagentOptions } from "./subagents.ts";
export { latestIn as todosOf, type Todo } from "./todos.ts";
