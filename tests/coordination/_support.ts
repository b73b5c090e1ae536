import { CoordinationBus, type CoordinationBusOptions } from "@locus/core/coordination";

/** A promise that the test opens. */
export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

export function gate(): Gate {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

/** Lets everything that only waits for promises happen. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 60; i++) await null;
}

/** A bus, and what it reported. */
export function reportingBus(
  options: CoordinationBusOptions = {},
): { bus: CoordinationBus; reports: string[] } {
  const reports: string[] = [];
  const bus = new CoordinationBus({
    ...options,
    onError: ({ message }, { stage }) => reports.push(`${stage}: ${message}`),
  });
  return { bus, reports };
}
