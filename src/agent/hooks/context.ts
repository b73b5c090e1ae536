import type { EventName, EventPayload } from "../../events/stream_event.ts";
import type { FeatureContext } from "../loop/feature.ts";
import type { AgentState } from "../state/state.ts";

/** What a hook knows of the run that it is called for. One object for each segment of a run. */
export interface HookContext {
  /** The id of the agent's run: `state.run_id`. */
  readonly runId: string;
  /** The agent's name; null if it was given none. */
  readonly agentId: string | null;
  /** The run as it is now. */
  readonly state: AgentState;
  /** Aborted when the run is cancelled, or its time is up: hand it to whatever the hook waits for. */
  readonly signal: AbortSignal;
  /** The id of the run on the bus that this run's events go to; null if they go nowhere. */
  readonly busRunId: string | null;
  /** The span of the agent in that run; null if there is none. */
  readonly spanId: string | null;
  /**
   * Publishes to that run. Put `span_id` into the payload to say where it belongs: `spanId` of this context, or of the
   * event that the hook got. Never throws and never waits; does nothing if there is no run.
   */
  emit<T extends string>(eventType: EventName<T>, data: EventPayload<T>): void;
}

export function createContext(run: FeatureContext): HookContext {
  return Object.freeze<HookContext>({
    get runId() {
      return run.state.run_id;
    },
    get agentId() {
      return run.state.agent_id;
    },
    get state() {
      return run.state;
    },
    signal: run.signal,
    busRunId: run.span?.run.id ?? null,
    get spanId() {
      return run.span?.id ?? null;
    },
    emit: (eventType, data) => run.span?.run.emit(eventType, data),
  });
}

/** Where something belongs that a hook publishes. Hooks that a test calls by hand have no place. */
export function inSpan(spanId: string | null | undefined): { span_id?: string } {
  return typeof spanId === "string" ? { span_id: spanId } : {};
}

type Methods<T> = { [K in keyof T as T[K] extends (...args: never[]) => void ? K : never]: T[K] };

/** What an event says now; only the maker of the event changes it. */
export type Fields<T> = { -readonly [K in Exclude<keyof T, keyof Methods<T>>]: T[K] };

/**
 * A frozen object whose fields are read and whose methods are called. Assigning, adding or deleting a
 * field throws an error that says which method to call instead.
 *
 * A proxy, because the error that engines throw for frozen objects names neither the class nor, on some,
 * the field. Only writing goes through it: reading is as fast as on the object itself.
 *
 * @param fields What its fields are; it shows whatever is changed here.
 * @param instead By field: the method that changes it.
 */
export function readOnlyEvent<T extends object>(
  className: string,
  fields: Fields<T>,
  methods: Methods<T>,
  instead: Readonly<Record<string, string>>,
): T {
  const names = Object.keys(methods);
  const refuse = (_: unknown, field: string | symbol): never => {
    throw new TypeError(`${className}.${String(field)} cannot be assigned: ${advice(field)}`);
  };
  const advice = (field: string | symbol): string => {
    const name = String(field);
    if (names.includes(name)) return `it is a method, call ${name}()`;
    if (Object.hasOwn(instead, name)) return `call ${instead[name]}() instead`;
    return `it is read-only; what can be steered: ${names.map((one) => `${one}()`).join(", ")}`;
  };
  const event = { ...methods };
  for (const name of Object.keys(fields) as (keyof Fields<T>)[]) {
    Object.defineProperty(event, name, { enumerable: true, get: () => fields[name] });
  }
  return new Proxy<T>(Object.freeze(event) as object as T, {
    set: refuse,
    defineProperty: refuse,
    deleteProperty: refuse,
  });
}
