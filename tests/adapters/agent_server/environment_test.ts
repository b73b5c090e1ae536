import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import process from "node:process";
import { Agent } from "@locus/core/agent";
import { agentServer, type AgentServerOptions } from "@locus/core/agent-server";
import { ScriptedModel } from "../../harness/support/scripted_model.ts";
import { ask } from "./_support.ts";

const VARIABLE = "LOCUS_SERVER_API_KEY";

/** A server that is made while the variable has this value. */
function serverWith(value: string, options: Partial<AgentServerOptions> = {}) {
  const before = process.env[VARIABLE];
  process.env[VARIABLE] = value;
  try {
    return agentServer({ agent: new Agent({ model: new ScriptedModel() }), ...options });
  } finally {
    if (before === undefined) delete process.env[VARIABLE];
    else process.env[VARIABLE] = before;
  }
}

async function statuses(
  server: ReturnType<typeof agentServer>,
  ...keys: (string | null)[]
): Promise<number[]> {
  return await Promise.all(
    keys.map(async (key) => (await ask(server, "GET", "/info", { key })).status),
  );
}

test("LOCUS_SERVER_API_KEY is the key of a server that was given none", async () => {
  assertEquals(await statuses(serverWith("from-env"), "from-env", "other", null), [200, 401, 401]);
});

test("LOCUS_SERVER_API_KEY lets a server listen to other machines", () => {
  const serve = () => "listening";
  assertEquals(serverWith("from-env").listen({ serve, hostname: "0.0.0.0" }), "listening");
});

test("LOCUS_SERVER_API_KEY is not read where the program says who may ask", async () => {
  assertEquals(await statuses(serverWith("from-env", { apiKeys: ["mine"] }), "mine", "from-env"), [
    200,
    401,
  ]);
  const authenticate = () => "ada";
  assertEquals(await statuses(serverWith("from-env", { authenticate }), null), [200]);
  // Whoever says "no keys" wants none, also where the machine has one.
  assertEquals(await statuses(serverWith("from-env", { apiKeys: [] }), "from-env"), [401]);
});

test("LOCUS_SERVER_API_KEY beside allowUnauthenticated is refused", () => {
  assertThrows(
    () => serverWith("from-env", { allowUnauthenticated: true }),
    TypeError,
    'LOCUS_SERVER_API_KEY is set, and "allowUnauthenticated" lets in',
  );
});

test("An empty LOCUS_SERVER_API_KEY is none, and the server stays closed", async () => {
  assertEquals(await statuses(serverWith(""), "", null), [401, 401]);
});

test("A LOCUS_SERVER_API_KEY that no header can carry is refused, without being named", () => {
  const error = assertThrows(() => serverWith("top secret"), TypeError, VARIABLE);
  assert(!(error as Error).message.includes("top secret"));
});
