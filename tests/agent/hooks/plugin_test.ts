import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import {
  type Agent,
  definePlugin,
  GuardrailsHook,
  type Hook,
  ModelRetryHook,
  type Plugin,
  SteeringHook,
  type Tool,
  tool,
} from "../../../src/agent/mod.ts";
import { ScriptedModel, toolCall } from "../../harness/support/scripted_model.ts";
import { addTool, agentOf } from "../_support.ts";

test("A plugin brings tools and hooks, sorted among the agent's own", async () => {
  const seen: string[] = [];
  const hook = (name: string, priority: number): Hook => ({
    priority,
    onBeforeToolCall: () => void seen.push(name),
  });
  const plugin = definePlugin({
    name: "adding",
    tools: [addTool()],
    hooks: [hook("plugin", 20)],
  });
  const { agent } = agentOf([[toolCall("c1", "add", { a: 1, b: 2 })], ["done"]], {
    hooks: [hook("late", 30), hook("early", 10)],
    plugins: [plugin],
  });
  const { state } = await agent.invoke("go");
  assertEquals(state.tool_executions.map(({ result }) => result), ["3"]);
  assertEquals(seen, ["early", "plugin", "late"]);
});

test("A plugin of one's own class is told its agent, once", () => {
  class Extension implements Plugin {
    readonly name = "extension";
    readonly agents: Agent[] = [];
    getHooks(): readonly Hook[] {
      return [];
    }
    getTools(): readonly Tool[] {
      return [];
    }
    initAgent(agent: Agent): void {
      this.agents.push(agent);
      agent.addTool(tool({ name: "extra", execute: () => "ok" }));
    }
  }
  const plugin = new Extension();
  const { agent } = agentOf([["hi"]], { plugins: [plugin] });
  assertEquals(plugin.agents.map((one) => one === agent), [true]);
  assertEquals(agent.tools.map(({ name }) => name), ["extra"]);
});

test("What is no plugin is refused", () => {
  const refused: [plugins: unknown, message: string][] = [
    [[{}], 'Agent: "plugins" must hold plugins made by definePlugin()'],
    [[null], "got null"],
    [{ name: "x" }, 'Agent: "plugins" must be an array, got an object'],
    [[definePlugin({ name: "a" }), definePlugin({ name: "a" })], 'already a plugin named "a"'],
  ];
  for (const [plugins, message] of refused) {
    assertThrows(() => agentOf([["hi"]], { plugins: plugins as Plugin[] }), TypeError, message);
  }
});

test("A plugin cannot bring a tool that the agent has", () => {
  const plugin = definePlugin({ name: "adding", tools: [addTool()] });
  assertThrows(
    () => agentOf([["hi"]], { tools: addTool(), plugins: [plugin] }),
    TypeError,
    'there is already a tool named "add"',
  );
});

test("definePlugin() checks what it is given", () => {
  assertThrows(() => definePlugin({ name: "" }), TypeError, '"name" must be a string');
  assertThrows(
    () => definePlugin({ name: "a", hooks: {} as never }),
    TypeError,
    'definePlugin(): "hooks" must be an array, got an object',
  );
  assertThrows(
    () => definePlugin({ name: "a", hook: [] } as never),
    TypeError,
    'unknown option "hook"',
  );
});

test("Options that do not exist are refused by name", () => {
  const model = new ScriptedModel();
  const makers: [make: () => unknown, option: string][] = [
    [() => new SteeringHook({ model, approver: null } as never), "approver"],
    [() => new ModelRetryHook({ max_attempts: 3 } as never), "max_attempts"],
    [() => new GuardrailsHook({ content_policy: {} } as never), "content_policy"],
  ];
  for (const [make, option] of makers) {
    assertThrows(make, TypeError, `unknown option "${option}"`);
  }
  assertThrows(() => agentOf([["hi"]], { hook: [] } as never), TypeError, 'option "hook"');
});
