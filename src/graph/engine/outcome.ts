import { describe, isRecord } from "../../core/options.ts";
import { deepFreeze } from "../../core/json.ts";
import { Command, END, Send } from "../commands.ts";
import { type Definition, twoWriters, type Values } from "../definition.ts";
import { GraphError } from "../errors.ts";
import type { NextTask, Outcome } from "../records/record.ts";

/**
 * What a node's result means.
 *
 * @param isStored Whether it must be JSON.
 * @throws {GraphError} If it means nothing, or names a field or a node that there is not.
 */
export function readOutcome(
  definition: Definition,
  node: string,
  returned: unknown,
  isStored: boolean,
): Outcome {
  if (returned === undefined || returned === null) return { status: "completed" };
  if (
    returned instanceof Send || Array.isArray(returned) && returned.every((x) => x instanceof Send)
  ) {
    return { status: "completed", to: readTargets(definition, node, returned as Send[]) };
  }
  const isCommand = returned instanceof Command;
  const written = isCommand ? returned.update : returned;
  if (!isRecord(written) || Array.isArray(written)) {
    const what = `"${node}" returned ${describe(returned)}`;
    throw new GraphError("bad_result", `${what}; return an update, a command or sends`);
  }
  const update = readUpdate(definition, node, written, isStored);
  return {
    status: "completed",
    ...Object.keys(update).length > 0 && { update: deepFreeze(update) },
    ...isCommand && { to: readTargets(definition, node, returned.goto) },
    ...isCommand && returned.stop && { stop: true },
  };
}

/**
 * The fields that an update writes: undefined writes nothing, as JSON could not say that it does.
 *
 * @throws {GraphError} If it has a field that there is not, or something that is not JSON.
 */
export function readUpdate(
  { channels }: Definition,
  node: string,
  update: Values,
  isStored: boolean,
): Values {
  const fields = Object.entries(update).filter(([, value]) => value !== undefined);
  for (const [field, value] of fields) {
    if (!Object.hasOwn(channels, field)) {
      throw new GraphError(
        "unknown_field",
        `"${node}" wrote "${field}", which is not a field of the state`,
      );
    }
    if (isStored) checkJson(value, field);
  }
  return Object.fromEntries(fields);
}

/** The tasks that targets name; END is none. */
export function readTargets(
  { nodes }: Definition,
  from: string,
  targets: unknown,
): NextTask[] {
  const tasks: NextTask[] = [];
  for (const target of [targets ?? []].flat()) {
    const { node, payload } = target instanceof Send
      ? target
      : { node: target, payload: undefined };
    if (node === END) continue;
    if (typeof node !== "string" || !nodes.has(node)) {
      const name = typeof node === "string" ? `"${node}"` : describe(node);
      throw new GraphError("unknown_node", `"${from}" leads to ${name}, which is not a node`);
    }
    tasks.push(payload === undefined ? { node } : { node, payload: deepFreeze({ ...payload }) });
  }
  return tasks;
}

/**
 * The state after the updates of a step, in their order.
 *
 * @throws {GraphError} If two of them write a field that takes one writer: then none is applied.
 */
export function applyUpdates(
  { channels }: Definition,
  state: Values,
  updates: readonly (readonly [node: string, update: Values])[],
): Values {
  const next: Record<string, unknown> = { ...state };
  const writers = new Map<string, string>();
  for (const [node, update] of updates) {
    for (const [field, value] of Object.entries(update)) {
      const { merge, reduce } = channels[field]!;
      const first = writers.get(field);
      if (merge === "single" && first !== undefined) {
        throw twoWriters("", first, node, field, "both write");
      }
      writers.set(field, node);
      next[field] = freeze(reduce === undefined ? value : reduce(next[field], value));
    }
  }
  return Object.freeze(next);
}

/** Freezes what a reducer has made; its parts are frozen already. A long list is left: JavaScriptCore takes a microsecond an item. */
function freeze(value: unknown): unknown {
  return Array.isArray(value) && value.length > MAX_FROZEN ? value : Object.freeze(value);
}

const MAX_FROZEN = 1000;

/** The state before anything is written. */
export function initialValues({ channels }: Definition): Values {
  return Object.freeze(Object.fromEntries(
    Object.entries(channels).map(([field, { initial }]) => [field, deepFreeze(initial())]),
  ));
}

/** The fields of a state that a graph inside has as well. */
export function sharedFields({ channels }: Definition, state: Values): Values {
  return Object.fromEntries(
    Object.keys(channels).filter((field) => Object.hasOwn(state, field)).map((
      field,
    ) => [field, state[field]]),
  );
}

/**
 * What a graph inside gives back without `output`: of lists and sums what was gained, of other fields their value.
 *
 * @throws {GraphError} If a field has a reducer of its own, so that nobody knows what was gained.
 */
export function gained(
  { channels }: Definition,
  outer: Definition,
  before: Values,
  after: Values,
): Values {
  const update: Record<string, unknown> = {};
  for (const [field, { merge }] of Object.entries(outer.channels)) {
    if (!Object.hasOwn(channels, field) || before[field] === after[field]) continue;
    const [from, to] = [before[field], after[field]];
    const inner = channels[field]?.merge;
    if (merge === "append" && inner === "append" && Array.isArray(to)) {
      update[field] = to.slice(Array.isArray(from) ? from.length : 0);
    } else if (merge === "add" && inner === "add") update[field] = Number(to) - Number(from ?? 0);
    else if (["single", "last", "messages", "keys"].includes(merge)) update[field] = to;
    else {
      const why = `nobody knows what "${field}" gained inside`;
      throw new GraphError("needs_output", `${why}: say with "output" what comes back`);
    }
  }
  return update;
}

/** @throws {GraphError} If JSON cannot hold `value`; names the path. */
export function checkJson(value: unknown, path: string, depth = 0): void {
  if (value === null || typeof value === "string" || typeof value === "boolean") return;
  if (typeof value === "number" && Number.isFinite(value)) return;
  if (depth > MAX_DEPTH) {
    const start = path.slice(0, 100);
    throw new GraphError("not_json", `${start}… is too deep to be stored: is it part of itself?`);
  }
  if (Array.isArray(value)) {
    // By index: `forEach()` passes over holes, which JSON fills.
    for (let i = 0; i < value.length; i++) checkJson(value[i], `${path}[${i}]`, depth + 1);
    return;
  }
  if (isRecord(value) && [Object.prototype, null].includes(Object.getPrototypeOf(value))) {
    for (const [key, item] of Object.entries(value)) checkJson(item, `${path}.${key}`, depth + 1);
    return;
  }
  throw new GraphError("not_json", `${path} is ${describe(value)}: what is stored must be JSON`);
}

const MAX_DEPTH = 1000;
