/**
 * A process of its own with an agent whose threads are in a folder: what it is told to do, it prints.
 *
 * @module
 */
import process from "node:process";
import { createStorage, type StorageValue } from "unstorage";
import fsDriver from "unstorage/drivers/fs";
import { Agent, tool } from "../../src/agent/mod.ts";
import { storageCheckpointer } from "../../src/memory/mod.ts";
import { type Script, ScriptedModel, toolCall } from "../harness/support/scripted_model.ts";
import { collect, outline } from "./_support.ts";

const [base = "", what = "", text = "", later = "0"] = process.argv.slice(2);

const now = Date.now;
Date.now = () => now() + Number(later) * 1000;

const storage = createStorage({ driver: fsDriver({ base }) });
if (what === "answer, and die") {
  const { setItem } = storage;
  storage.setItem = async (key: string, value: StorageValue) => {
    await setItem(key, value);
    // That is the claim to answer.
    if (key.includes("~")) process.kill(process.pid, "SIGKILL");
  };
}

const approve = tool({
  name: "approve",
  execute: (_, { interrupt }) => `approved: ${interrupt("ok?")}`,
});

const crash = tool({
  name: "crash",
  execute: () => void process.kill(process.pid, "SIGKILL"),
});

/** Says how many messages it was shown, unless it is to call a tool. */
const script: Script = ({ prompt }) => {
  const last = prompt.at(-1)!;
  const said = last.role === "user" && last.content[0]?.type === "text" && last.content[0].text;
  if (said === "approve") return [toolCall("c1", "approve", {})];
  if (said === "work") return [toolCall("c1", "note", {})];
  if (what === "crash") return [toolCall("c2", "crash", {})];
  return [`read ${prompt.length} messages`];
};

const agent = new Agent({
  model: new ScriptedModel(script, script, script),
  tools: [approve, crash, tool({ name: "note", execute: () => "noted" })],
  streaming: false,
  checkpointer: storageCheckpointer(storage),
  checkpointEveryNIterations: 1,
});

const threadId = "a/b:c";
const run = what.startsWith("answer")
  ? agent.resume(text, { threadId })
  : agent.run(text, { threadId });
const { events, error } = await collect(run);
const { message = null, stop_reason = null } = run.result ?? {};
const failure = error instanceof Error ? error.message : null;
console.log(JSON.stringify({ outline: outline(events), message, stop_reason, failure }));
