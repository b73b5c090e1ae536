import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { EventBus, withRun } from "../../mod.ts";
import { Agent } from "../../src/agent/mod.ts";
import { MemoryCheckpointer } from "../../src/memory/mod.ts";
import { parseStreamEvent } from "../../src/events/schemas.ts";
import { activateSkill, readSkill, type Skill, skillsPlugin } from "../../src/skills/mod.ts";
import { scriptedModel } from "../../src/testing/mod.ts";
import { expectedCatalogue, extrasOf } from "../events/expected_catalogue.ts";

const greet = readSkill("---\nname: greet\ndescription: <&> How to greet\n---\nSay 😀.").skill;
const filed: Skill = {
  ...greet,
  name: "filed",
  folder: {
    path: "/skills/filed",
    files: {
      list: (path) =>
        Promise.resolve(path.endsWith("assets") ? [{ name: "a.txt", isFolder: false }] : []),
      read: (path) => Promise.resolve(`text of ${path}`),
    },
  },
};
const calling = (skill_name: string, toolName = "skills", more = {}) => (
  { toolCalls: [{ toolName, input: { skill_name, ...more } }] }
);

async function run(skills: readonly Skill[], turns: Parameters<typeof scriptedModel>[0]) {
  const bus = new EventBus();
  const model = scriptedModel([...turns as never[], "Done."]);
  const agent = new Agent({ model, plugins: [skillsPlugin(skills)] });
  const result = await withRun({ bus }, () => agent.invoke("Go"));
  const events = [...bus.history("*")].reverse();
  return { model, events, results: result.tool_executions.map(({ result }) => result as string) };
}

const activations = ({ events }: Awaited<ReturnType<typeof run>>) =>
  events.filter(({ event_type }) => event_type === "skills.activated");

test("skills.activated is on the bus with all keys, inside of the tool's span", async () => {
  const ran = await run([greet, filed], [calling("greet"), calling("filed")]);
  const [first, second] = activations(ran);
  parseStreamEvent(first);
  const keys = Object.keys({
    ...expectedCatalogue["skills.activated"],
    ...extrasOf("skills.activated"),
  });
  assertEquals(Object.keys(first!.data).sort(), keys.sort());
  const types = ran.events.map(({ event_type }) => event_type);
  const at = types.indexOf("skills.activated");
  assert(types.indexOf("agent.tool.started") < at && at < types.indexOf("agent.tool.completed"));
  const started = ran.events.find(({ event_type }) => event_type === "agent.tool.started");
  const { tool_span_id } = started!.data as { tool_span_id: string };
  assertEquals(first!.data, {
    skill_name: "greet",
    has_resources: false,
    instructions_length: 6,
    span_id: tool_span_id,
    hash: greet.hash,
    source: "model",
    already_active: false,
  });
  assertEquals((second!.data as { has_resources: boolean }).has_resources, true);
});

test("the model sees names and descriptions, and the instructions when it asks", async () => {
  const { model, results } = await run([greet, filed], [calling("filed")]);
  const systems = model.calls[0]!.prompt.filter(({ role }) => role === "system");
  const catalogue = String(systems.at(-1)!.content);
  assertMatch(
    catalogue,
    /<name>greet<\/name><description>&lt;&amp;&gt; How to greet<\/description><\/skill>/,
  );
  assertMatch(catalogue, /<location>\/skills\/filed<\/location>/);
  assert(!catalogue.includes("Say"));
  assertEquals(
    results[0],
    `<skill_content name="filed" hash="${filed.hash}">\nSay 😀.\nFolder: /skills/filed\nFiles:\n- assets/a.txt\n</skill_content>`,
  );
  const tool = model.calls[0]!.tools!.find(({ name }) => name === "skills");
  assert(tool?.type === "function");
  const { skill_name } = tool.inputSchema.properties as { skill_name: { enum: string[] } };
  assertEquals(skill_name.enum, ["filed", "greet"]);
});

test("a skill that the conversation has is answered in one line, and published again", async () => {
  const ran = await run([greet], [calling("greet"), calling("greet")]);
  assertEquals(ran.results[1], 'Skill "greet" is already active; its instructions are above.');
  assertEquals(
    activations(ran).map(({ data }) => (data as { already_active: boolean }).already_active),
    [false, true],
  );
});

test("a skill whose instructions have changed is read again, also in a later run of the thread", async () => {
  const checkpointer = new MemoryCheckpointer();
  const ask = async (skill: Skill) => {
    const model = scriptedModel([calling("greet"), "Done."]);
    const agent = new Agent({ model, checkpointer, plugins: [skillsPlugin([skill])] });
    const { tool_executions } = await agent.invoke("Go", { threadId: "t" });
    return (tool_executions.at(-1)!.result as string).startsWith("<skill_content");
  };
  const changed = readSkill("---\nname: greet\ndescription: x\n---\nSay hi.").skill;
  assertEquals([await ask(greet), await ask(greet), await ask(changed)], [true, false, true]);
});

test("a name that there is not is answered with those that there are, without an event", async () => {
  const ran = await run([greet, filed], [calling("gret"), calling("")]);
  assertEquals(ran.results, [
    "Unknown skill: 'gret'. Available: filed, greet",
    "Error: skill_name is required.",
  ]);
  assertEquals(activations(ran), []);
});

test("files of a skill are read by a tool of their own, which is there only if there are any", async () => {
  const { results } = await run([filed], [
    calling("filed", "skill_file", { path: "assets/a.txt" }),
  ]);
  assertEquals(results, ["text of /skills/filed/assets/a.txt"]);
  assertEquals(skillsPlugin([filed]).getTools().map(({ name }) => name), ["skills", "skill_file"]);
  assertEquals(skillsPlugin([greet]).getTools().map(({ name }) => name), ["skills"]);
  assertEquals(skillsPlugin([filed], { fileTool: false }).getTools().map(({ name }) => name), [
    "skills",
  ]);
});

test("without skills for the model there is no catalogue and no tool", () => {
  const hidden = { ...greet, metadata: { "disable-model-invocation": "true" } };
  for (const skills of [[], [hidden]]) {
    const plugin = skillsPlugin(skills);
    assertEquals([plugin.getTools(), plugin.getHooks()], [[], []]);
  }
});

test("activateSkill() is for what the person has chosen", async () => {
  const bus = new EventBus();
  const text = await withRun({ bus }, () => activateSkill(greet));
  assertMatch(text, /Say 😀\./);
  const [event] = bus.history("skills.activated");
  assertEquals([event?.data.source, event?.data.span_id], ["user", null]);
  // Without a run nothing is published, and nothing is missing.
  assertEquals(await activateSkill(greet), text);
});

test("skillsPlugin() refuses what are no skills, and two of one name", () => {
  assertThrows(() => skillsPlugin(greet as never), TypeError, "expected a list of skills");
  assertThrows(() => skillsPlugin([1] as never), TypeError, "expected skills, got 1");
  assertThrows(() => skillsPlugin([greet, greet]), TypeError, 'two skills named "greet"');
});
