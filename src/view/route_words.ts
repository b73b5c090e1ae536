import { isRecord } from "../core/describe.ts";
import { type Fields, listIn, textIn } from "./payload.ts";

/** What the choice of a route means to a person, with the routes that were not taken; null for other events. */
export function routeWords(eventType: string, data: Fields): string | null {
  const taken = Object.hasOwn(TAKEN, eventType) ? TAKEN[eventType]!(data) : null;
  if (taken === null) return null;
  const { candidates } = data;
  const open = Array.isArray(candidates) ? candidates.slice(0, MAX_ROUTES).filter(isRecord) : [];
  const [chosen, others] = [true, false].map((isChosen) =>
    open.filter((route) => (route.chosen === true) === isChosen)
  );
  // What was taken is named already; why it was is not.
  const why = chosen!.map(reasonOf).filter((reason) => reason !== "").join(", ");
  const left = others!.map((route) => {
    const reason = reasonOf(route);
    return `${textIn(route, "id", 100)}${reason === "" ? "" : ` (${reason})`}`;
  });
  return [taken, why, left.length > 0 ? `not taken: ${left.join(", ")}` : ""]
    .filter((words) => words !== "").join(" · ");
}

const TAKEN: Readonly<Record<string, (data: Fields) => string>> = {
  "multiagent.graph.node.routed": (data) =>
    `${textIn(data, "from_node", 100)} → ${listIn(data, "to_nodes") || "nothing"}`,
  "router.protocol.selected": (data) =>
    [`router → ${textIn(data, "protocol_id", 100)}`, textIn(data, "reason", 200)]
      .filter((words) => words !== "").join(": "),
};

function reasonOf(route: Fields): string {
  const { score } = route;
  return [typeof score === "number" ? score.toFixed(2) : "", textIn(route, "reason", 200)]
    .filter((words) => words !== "").join(", ");
}

const MAX_ROUTES = 50;
