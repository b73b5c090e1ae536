/**
 * A process of its own with a server whose tasks are in a file: it prints the frames of a stream, and is killed after so many.
 *
 * @module
 */
import { writeSync } from "node:fs";
import process from "node:process";
import { a2aServer } from "../../src/a2a/mod.ts";
import { Agent } from "../../src/agent/mod.ts";
import { scriptedModel } from "../../src/testing/mod.ts";
import { sqliteBus } from "../../src/transports/sqlite.ts";

const [path = "", key = "", limit = "0"] = process.argv.slice(2);
const text = Array.from({ length: 8 }, (_, i) => `${i}`.repeat(4500));
const server = a2aServer({
  agent: new Agent({ model: scriptedModel([{ text }]) }),
  card: { name: "Dies", description: "Dies", url: "http://agent.test", skills: ["dying"] },
  apiKeys: [key],
  tasks: sqliteBus({ path }),
});
const headers = {
  "A2A-Version": "1.0",
  "Content-Type": "application/json",
  Authorization: `Bearer ${key}`,
};
const message = { messageId: "m", role: "ROLE_USER", parts: [{ text: "x" }] };
const body = JSON.stringify({ message });
const response = await server.request("/message:stream", { method: "POST", headers, body });
let left = Number(limit);
for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
  for (const block of piece.split(/(?<=\n\n)/)) {
    writeSync(1, block);
    if (block.includes("data: ") && --left === 0) process.kill(process.pid, "SIGKILL");
  }
}
