import { isRecord } from "../core/describe.ts";
import { type Fields, listIn, textIn } from "./payload.ts";

/** What the choice of a route means to a person, with what led to it and the routes that were not taken; null for other events. */
export function routeWords(eventType: string, data: Fields): string | null {
  const taken = Object.hasOwn(TAKEN, eventType) ? TAKEN[eventType]!(data) : null;
  if (taken === null) return null;
  const { candidates } = data;
  const open = Array.isArray(candidates) ? candidates.slice(0, MAX_ROUTES).filter(isRecord) : [];
  const [chosen, others] = [true, false].map((isChosen) =>
    open.filter((route) => (route.chosen === true) === isChosen)
  );
  // What was taken is named already, and so may be why.
  const why = chosen!.map((route) => reasonOf(route, taken)).filter((one) => one !== "").join(", ");
  const left = others!.map((route) => {
    const reason = reasonOf(route);
    return `${textIn(route, "id", 100)}${reason === "" ? "" : ` (${reason})`}`;
  });
  return [taken, why, left.length > 0 ? `not taken: ${left.join(", ")}` : ""]
    .filter((words) => words !== "").join(" · ");
}

const TAKEN: Readonly<Record<string, (data: Fields) => string>> = {
  "multiagent.graph.node.routed": (data) =>
    `${textIn(data, "from_node", 100)} → ${
      listIn(data, "to_nodes").replace(/__end__/i, "the end") || "nothing"
    }`,
  "router.frame.extracted": (data) =>
    [
      `asked to ${textIn(data, "primary_goal", 100).replaceAll("_", " ") || "do something"}`,
      textIn(data, "domain", 100),
      `complexity ${textIn(data, "complexity", 100) || "unknown"}`,
      `risk ${textIn(data, "risk", 100) || "unknown"}`,
    ].filter((words) => words !== "").join(" · "),
  "router.policy.verdict": (data) => {
    const asks = data.require_approval === true ? "allowed, if a person approves" : "allowed";
    const verdict = data.allow === true ? asks : "refused";
    const reason = textIn(data, "reason", 200);
    return `policy: ${verdict}${reason === "" || reason === "ok" ? "" : ` · ${reason}`}`;
  },
  "router.runnable.compiled": (data) => `${textIn(data, "protocol_id", 100)} is prepared`,
  "router.protocol.selected": (data) =>
    [`router → ${textIn(data, "protocol_id", 100)}`, fitWords(textIn(data, "reason", 200))]
      .filter((words) => words !== "").join(": "),
};

function reasonOf(route: Fields, said = ""): string {
  const { score } = route;
  const reason = fitWords(textIn(route, "reason", 200));
  return [typeof score === "number" ? score.toFixed(2) : "", said.includes(reason) ? "" : reason]
    .filter((words) => words !== "").join(", ");
}

/** How well a route fits, where a rule says it. */
function fitWords(reason: string): string {
  const [whole, distance, canonical, cost] = FIT.exec(reason) ?? [];
  if (whole === undefined) return reason;
  const fits = distance === "0" ? "fits" : `is ${distance} off`;
  return `${cost} cost ${fits}${canonical === "true" ? ", made for this" : ""}`;
}

const FIT = /^(?:rule_based: )?distance=(\d) canonical=(true|false) cost=(\w{1,20})$/;
const MAX_ROUTES = 50;
