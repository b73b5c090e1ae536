/**
 * Graphs: nodes that share a typed state, run step by step and side by side, ask people, and go on in any process.
 *
 * {@linkcode graph} makes one from an object literal, and the compiler checks it: fields, nodes, targets, and that no two
 * nodes of a step write one field. Give it a `checkpointer` and a `threadId`, and each step is stored; a question waits as
 * long as it takes. Inside of a run, everything a graph does is on the bus.
 *
 * @example Ask a person, and go on with the answer
 * ```ts
 * import { channel, END, graph, START } from "@locus/core/graph";
 * import { MemoryCheckpointer } from "@locus/core/memory";
 * import { assertEquals } from "@std/assert";
 *
 * const publish = graph({
 *   state: { text: channel(""), verdict: channel<string>() },
 *   nodes: {
 *     ask: (s, ctx) => ({ verdict: ctx.interrupt<string>({ question: `Publish "${s.text}"?` }) }),
 *   },
 *   edges: { [START]: "ask", ask: END },
 * });
 *
 * const thread = { threadId: "t1", checkpointer: new MemoryCheckpointer() };
 * const asked = await publish.execute({ text: "Gaps" }, thread);
 * assertEquals(asked.stop_reason, "interrupted");
 *
 * // Minutes or days later, in any process that has the same checkpoints.
 * const { state } = await publish.resume("yes", thread);
 * assertEquals(state.verdict, "yes");
 * ```
 *
 * @module
 */

export { agentNode } from "./agent_node.ts";
export type { AgentNodeOptions, AgentNodeResult } from "./agent_node.ts";
export { channel, REMOVE_ALL } from "./channels.ts";
export type {
  Channel,
  ChannelFactory,
  Channels,
  Identified,
  Merge,
  SingleChannel,
} from "./channels.ts";
export { Command, END, goto, Send, send, START } from "./commands.ts";
export type { OnFailure } from "./definition.ts";
export { GraphError } from "./errors.ts";
export type { GraphErrorCode } from "./errors.ts";
export { graph } from "./graph.ts";
export type { GraphOptions } from "./graph.ts";
export { drawMermaid } from "./mermaid.ts";
export {
  deepMergeDict,
  firstValue,
  maxValue,
  minValue,
  setIntersection,
  uniqueAppendList,
} from "./reducers.ts";
export { StateGraph } from "./state_graph.ts";
export type { Router, StateGraphOptions } from "./state_graph.ts";
export type {
  Built,
  CheckedEdges,
  Clash,
  Edge,
  Edges,
  Exact,
  KeysOf,
  Known,
  Message,
  NoOthers,
  Refused,
  SingleKeys,
  Target,
  UpdateIn,
  Writes,
  WrittenTwice,
} from "./types/exact.ts";
export type {
  Graph,
  GraphCheckpoint,
  GraphFork,
  GraphInterrupt,
  GraphResult,
  GraphResumeOptions,
  GraphRunOptions,
  GraphStopReason,
  GraphStream,
  GraphStreamEvent,
  GraphStreamMode,
  GraphStreamOptions,
  Topology,
  TopologyEdge,
  TopologyNode,
} from "./types/graph.ts";
export type {
  AnyNode,
  Awaitable,
  InterruptOptions,
  NodeContext,
  NodeFn,
  NodeOptions,
  OnceCall,
  PatchOf,
  Result,
  RetryOptions,
  StateOf,
  SubGraph,
  UpdateOf,
  ValueOf,
} from "./types/node.ts";
