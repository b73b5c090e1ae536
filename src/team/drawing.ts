/** What a page draws of a team before anybody works. */

import { END, START } from "../graph/commands.ts";
import type { Topology } from "../graph/types/graph.ts";

/** The drawing of an orchestrator: it chooses, specialists work side by side, it sums up. */
export function drawTeam(
  members: readonly { readonly id: string; readonly name: string }[],
): { readonly topology: Topology } {
  const agents = members.map(({ id, name }) => ({ id, kind: "agent" as const, label: name }));
  const step = (id: string) => ({ id, kind: "node" as const, label: id });
  return {
    topology: {
      version: 1,
      nodes: [step("route"), ...agents, step("correlate"), step("summarize")],
      edges: [
        { from: START, to: "route", via: "static" },
        ...members.map(({ id }) => ({ from: "route", to: id, via: "conditional" as const })),
        ...members.map(({ id }) => ({ from: id, to: "correlate", via: "static" as const })),
        { from: "correlate", to: "summarize", via: "static" },
        { from: "summarize", to: END, via: "static" },
      ],
      state: [],
    },
  };
}
