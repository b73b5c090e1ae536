/**
 * The run that the site shows in a workbench without a server: an agent that pays a refund, once a person has agreed.
 *
 * @module
 */
import { EventBus } from "@locus/core";
import { runPage } from "@locus/core/workbench";
import { createDesk } from "../../workbench/demo/desk.ts";

/** The page. */
export async function renderLiveRun(): Promise<string> {
  const bus = new EventBus({ content: true });
  const desk = createDesk(bus);
  await desk.refund();
  const [asked] = bus.history("agent.interrupt");
  if (asked === undefined) throw new Error("the agent of the demo has asked nobody");
  const { run_id: runId, data } = asked;
  desk.answer(runId, data.interrupt_id, "approve");
  return await runPage(bus.subscribe(runId));
}
