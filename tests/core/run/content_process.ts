/**
 * Prints whether a run, a run of a bus that says no, and a run that says no publish content.
 *
 * @module
 */
import { EventBus, withRun } from "@locus/core";

const bus = new EventBus();
const silent = new EventBus({ content: false });
console.log(JSON.stringify([
  withRun({ bus }, (run) => run.content),
  withRun({ bus: silent }, (run) => run.content),
  withRun({ bus, content: false }, (run) => run.content),
]));
