import type { CoordinationEventType } from "../events/catalogue/coordination.ts";
import { checkOptions } from "../core/options.ts";
import type { CoordinationDraft, CoordinationPayload, DraftOrigin } from "./coordination_event.ts";
import { checkId } from "./filter.ts";

/** Options of {@linkcode CoordinationPublisher.publish}. */
export interface PublishOptions {
  /** Goes on the event as its `correlation_id`. @default {null} */
  correlationId?: string | null;
}

/**
 * What {@linkcode CoordinationPublisher.publish} takes after the type: the payload, which may be left out
 * where every key of it may, and the options.
 */
export type PublishArguments<T extends CoordinationEventType> =
  Partial<CoordinationPayload<T>> extends CoordinationPayload<T>
    ? [data?: CoordinationPayload<T>, options?: PublishOptions]
    : [data: CoordinationPayload<T>, options?: PublishOptions];

/** Publishes events that all come from one place: it carries their ids. It never changes. */
export interface CoordinationPublisher {
  /**
   * The same, for one node.
   *
   * @throws {TypeError} If `nodeId` is not valid.
   */
  node(nodeId: string): CoordinationPublisher;
  /**
   * The same, for one execution.
   *
   * @throws {TypeError} If `executionId` is not valid.
   */
  execution(executionId: string): CoordinationPublisher;
  /**
   * Publishes an event from here, as {@linkcode CoordinationBus.publish} does: it never rejects, and
   * resolves when every handler that matches has finished.
   */
  publish<T extends CoordinationEventType>(type: T, ...rest: PublishArguments<T>): Promise<void>;
}

/** Makes a publisher that hands its drafts to `send`, as functions, because making one can fail. */
export function createPublisher(
  send: (read: () => CoordinationDraft) => Promise<void>,
  origin: DraftOrigin,
): CoordinationPublisher {
  return {
    node(nodeId) {
      checkId("CoordinationPublisher.node()", "node id", nodeId);
      return createPublisher(send, { ...origin, node_id: nodeId });
    },
    execution(executionId) {
      checkId("CoordinationPublisher.execution()", "execution id", executionId);
      return createPublisher(send, { ...origin, execution_id: executionId });
    },
    publish: (type, ...[data, options = {}]) =>
      send(() => {
        checkOptions("CoordinationPublisher.publish()", options, ["correlationId"]);
        const { correlationId } = options;
        return { ...origin, type, data, correlation_id: correlationId } as CoordinationDraft;
      }),
  };
}
