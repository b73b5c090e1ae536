import type {
  CoordinationEventType,
  CoordinationOrigin,
} from "../events/catalogue/coordination.ts";
import { isRunId, RUN_ID_RULE } from "../events/identifiers.ts";
import { describe } from "../core/options.ts";
import { type CoordinationEvent, isCoordinationEventType } from "./coordination_event.ts";
import { didYouMean } from "../core/nearest.ts";
import { coordinationEvents } from "../events/catalogue/coordination.ts";

/** Where an event must come from. Everything that is named must hold; `""` names nothing. */
export interface CoordinationFilter {
  /** Only events of this stream. */
  stream?: string;
  /** Only events of this node; never those whose `node_id` is null. */
  node?: string;
  /** Only events of this execution; never those whose `execution_id` is null. */
  execution?: string;
}

/** A filter, checked and ready to compare with. */
export type EventMatch = (event: CoordinationEvent) => boolean;

/**
 * Compiles what events must have in common; any type does where `types` is undefined.
 *
 * @throws {TypeError} If a type is not of the catalogue, or an id is not valid.
 */
export function compileFilter(
  owner: string,
  types: readonly CoordinationEventType[] | undefined,
  filter: CoordinationFilter & { correlation?: string },
): EventMatch {
  if (types !== undefined && !Array.isArray(types)) {
    throw new TypeError(`${owner}: "types" must be a list of event types, got ${describe(types)}`);
  }
  for (const type of types ?? []) checkEventType(owner, type);
  const wantedTypes = types && new Set(types);
  const wantedIds: [keyof CoordinationOrigin, string][] = [];
  for (const name of ["stream", "node", "execution", "correlation"] as const) {
    const id = filter[name];
    if (id === undefined || id === "") continue;
    checkId(owner, name, id);
    wantedIds.push([`${name}_id`, id]);
  }
  return (event) =>
    (wantedTypes === undefined || wantedTypes.has(event.type)) &&
    wantedIds.every(([key, id]) => event[key] === id);
}

/** @throws {TypeError} If `type` is not the name of a coordination event. */
export function checkEventType(owner: string, type: unknown): void {
  if (!isCoordinationEventType(type)) {
    throw new TypeError(
      `${owner}: an event type must be the name of a coordination event, such as ` +
        `"execution_started", got ${describe(type)}` +
        (typeof type === "string" ? didYouMean(type, Object.keys(coordinationEvents), 1) : ""),
    );
  }
}

// What can name a run can name a stream, a node, an execution or what belongs together.
/** @throws {TypeError} If `id` is not valid. */
export function checkId(owner: string, name: string, id: unknown): void {
  if (!isRunId(id)) {
    throw new TypeError(`${owner}: "${name}" must be ${RUN_ID_RULE}, got ${describe(id)}`);
  }
}
