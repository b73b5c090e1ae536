/**
 * Agents of LangChain, LangGraph and deepagents as runs of Locus: pass a {@linkcode LocusHandler} as a callback, and graphs,
 * nodes, agents, model calls, tokens and tools are watched, also where a graph runs in a tool of another one.
 *
 * @example Watch a graph that you already have
 * ```ts
 * import { END, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
 * import { AIMessage } from "@langchain/core/messages";
 * import { fakeModel } from "@langchain/core/testing";
 * import { EventBus } from "@locus/core";
 * import { LocusHandler } from "@locus/core/bridges/langchain";
 * import { assertEquals } from "@std/assert";
 *
 * const model = fakeModel().respond(new AIMessage("Good morning."));
 * const graph = new StateGraph(MessagesAnnotation)
 *   .addNode("greet", async ({ messages }) => ({ messages: [await model.invoke(messages)] }))
 *   .addEdge(START, "greet")
 *   .addEdge("greet", END)
 *   .compile({ name: "greeter" });
 *
 * const bus = new EventBus();
 * const callbacks = [new LocusHandler({ bus })];
 * await graph.invoke({ messages: [{ role: "user", content: "Greet me." }] }, { callbacks });
 *
 * const [end] = bus.history("agent.terminate");
 * assertEquals(end?.data.final_message_preview, "Good morning.");
 * ```
 *
 * @module
 */
export { LocusHandler } from "./langchain/handler.ts";
export type { BridgeOptions } from "./recorder/record_call.ts";
