/** Skills from a folder: the model reads the instructions of one when it needs them. */
import { EventBus, withRun } from "@locus/core";
import { Agent } from "@locus/core/agent";
import { loadSkills, skillsPlugin } from "@locus/core/skills";
import { scriptedModel } from "@locus/core/testing";

const { skills, diagnostics } = await loadSkills({
  user: [`${import.meta.dirname}/skills`],
});
for (const { path, message } of diagnostics) {
  console.warn(`${path}: ${message}`);
}

// In place of a real model: it reads the skill and a file of it, then answers.
const skill_name = "write-release-notes";
const model = scriptedModel([
  { toolCalls: [{ toolName: "skills", input: { skill_name } }] },
  {
    toolCalls: [{
      toolName: "skill_file",
      input: { skill_name, path: "references/tone.md" },
    }],
  },
  "Runs survive a restart now.",
]);
const agent = new Agent({ model, plugins: [skillsPlugin(skills)] });

const bus = new EventBus();
const { message } = await withRun(
  { bus },
  () => agent.invoke("Write the release notes"),
);
const [activated] = bus.history("skills.activated");
console.log(
  `${activated?.data.skill_name}: ${activated?.data.instructions_length} characters`,
);
console.log(message);
if (!activated?.data.has_resources) {
  throw new Error("The skill and its file were expected");
}
