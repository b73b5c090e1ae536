import { END, START } from "./commands.ts";
import type { Topology } from "./types/graph.ts";

/**
 * Draws a graph as text for [Mermaid](https://mermaid.js.org). A router's edge is dashed, and leads to every node, because
 * its targets are not known before it runs.
 *
 * @param direction From top to bottom, or from left to right.
 *
 * @example
 * ```ts
 * import { channel, drawMermaid, END, graph, START } from "@locus/core/graph";
 *
 * const made = graph({
 *   state: { n: channel.add() },
 *   nodes: { count: () => ({ n: 1 }) },
 *   edges: { [START]: "count", count: END },
 * });
 * console.log(drawMermaid(made.topology()));
 * ```
 */
export function drawMermaid(topology: Topology, direction: "TD" | "LR" = "TD"): string {
  // Numbers for names: Mermaid takes some words, such as "end", for its own.
  const ids = new Map(
    [START, ...topology.nodes.map(({ id }) => id), END].map((id, i) => [id, `n${i}`]),
  );
  const lines = [`graph ${direction}`, `  ${ids.get(START)}((start))`];
  for (const { id, kind, label } of topology.nodes) {
    const text = `"${label.replaceAll('"', "#quot;").replace(/\s+/g, " ")}"`;
    lines.push(`  ${ids.get(id)}${kind === "node" ? `[${text}]` : `[[${text}]]`}`);
  }
  lines.push(`  ${ids.get(END)}((end))`);
  for (const { from, to } of topology.edges) {
    if (to !== "*") lines.push(`  ${ids.get(from)} --> ${ids.get(to)}`);
    else {
      for (const [id, name] of ids) if (id !== START) lines.push(`  ${ids.get(from)} -.-> ${name}`);
    }
  }
  for (const { id, after = [] } of topology.nodes) {
    for (const other of after) lines.push(`  ${ids.get(other)} --> ${ids.get(id)}`);
  }
  return lines.join("\n");
}
