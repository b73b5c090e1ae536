/** Agents that work for each other, with the models of whoever uses the package. */
import { orchestrator, specialist } from "@locus/core/team";
import { scriptedModel } from "@locus/core/testing";

const team = orchestrator({
  specialists: [
    specialist({ id: "a", name: "A", model: scriptedModel(["One."]) }),
    specialist({ id: "b", name: "B", model: scriptedModel(["Two."]) }),
  ],
});
const { summary, specialist_results: results } = await team.execute("count");
const confidence: number | undefined = results.a?.confidence;
if (summary !== "## A\n\nOne.\n\n## B\n\nTwo." || confidence !== 0.5) {
  throw new Error(`came to ${summary}`);
}
console.log("ok team");

/** Never called. */
export function wrong(): void {
  // @ts-expect-error A specialist has a name.
  specialist({ model: null });
  // @ts-expect-error Only specialists can be chosen.
  orchestrator({ specialists: ["a"] });
}
