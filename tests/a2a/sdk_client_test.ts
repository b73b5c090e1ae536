/** The official client judges our server, over both bindings. */
import { test } from "node:test";
import { TaskState as State } from "@a2a-js/sdk";
import {
  type Client,
  ClientFactory,
  DefaultAgentCardResolver,
  JsonRpcTransportFactory,
  RestTransportFactory,
} from "@a2a-js/sdk/client";
import { assertEquals, assertRejects } from "@std/assert";
import {
  ADA,
  gate,
  type Json,
  oneQuestion,
  serverOf,
  type Setup,
  URL_OF_SERVER,
} from "./_support.ts";

const transports = { "JSON-RPC": JsonRpcTransportFactory, "HTTP+JSON": RestTransportFactory };

async function connect(
  { server }: Setup,
  Transport: typeof JsonRpcTransportFactory | typeof RestTransportFactory,
): Promise<Client> {
  const fetchImpl: typeof fetch = async (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set("Authorization", `Bearer ${ADA}`);
    return await server.request(String(input), { ...init, headers });
  };
  const factory = new ClientFactory({
    transports: [new Transport({ fetchImpl })],
    cardResolver: new DefaultAgentCardResolver({ fetchImpl }),
  });
  return await factory.createFromUrl(URL_OF_SERVER);
}

function sendParams(text: string, more: object = {}, configuration?: object): Json {
  const parts = [{ content: { $case: "text", value: text } }];
  return { message: { messageId: crypto.randomUUID(), role: 1, parts, ...more }, configuration };
}

for (const [name, Transport] of Object.entries(transports)) {
  test(`${name}: the official client sends, gets and lists`, async () => {
    const client = await connect(serverOf(["Sunny."]), Transport);
    const sent: Json = await client.sendMessage(sendParams("Weather?"));
    assertEquals(sent.status.state, State.TASK_STATE_COMPLETED);
    assertEquals(sent.artifacts[0].parts[0].content.value, "Sunny.");
    assertEquals(await client.getTask({ id: sent.id } as Json), sent);
    const { tasks } = await client.listTasks({
      includeArtifacts: true,
      status: State.TASK_STATE_UNSPECIFIED,
    } as Json);
    assertEquals(tasks, [sent]);
  });

  test(`${name}: the official client streams, and subscribes`, async () => {
    const { turn, begun, open } = gate("Sunny.");
    const client = await connect(serverOf([turn]), Transport);
    const kinds: unknown[] = [];
    let followed: AsyncGenerator<{ payload?: { $case: string } }> | undefined;
    for await (const { payload } of client.sendMessageStream(sendParams("x"))) {
      kinds.push(payload?.$case);
      if (payload?.$case !== "task") continue;
      await begun;
      followed = client.resubscribeTask({ id: payload.value.id } as Json);
      assertEquals((await followed.next()).value?.payload?.$case, "task");
      open();
    }
    assertEquals(kinds, ["task", "statusUpdate", "artifactUpdate", "statusUpdate"]);
    const rest = await Array.fromAsync(followed!, ({ payload }) => payload?.$case);
    assertEquals(rest, ["artifactUpdate", "statusUpdate"]);
  });

  test(`${name}: the official client answers a question`, async () => {
    const client = await connect(serverOf(oneQuestion), Transport);
    const asked: Json = await client.sendMessage(sendParams("x"));
    assertEquals(asked.status.state, State.TASK_STATE_INPUT_REQUIRED);
    const task: Json = await client.sendMessage(sendParams("y", { taskId: asked.id }));
    assertEquals(task.status.state, State.TASK_STATE_COMPLETED);
  });

  test(`${name}: the official client cancels, and knows our errors`, async () => {
    const { turn } = gate("never");
    const client = await connect(serverOf([turn]), Transport);
    const sent: Json = await client.sendMessage(sendParams("x", {}, { returnImmediately: true }));
    const { status } = await client.cancelTask({ id: sent.id } as Json);
    assertEquals(status?.state, State.TASK_STATE_CANCELED);
    const names = [];
    for (
      const ask of [
        () => client.cancelTask({ id: sent.id } as Json),
        () => client.getTask({ id: "nope" } as Json),
        () => client.sendMessage(sendParams("y", { taskId: sent.id })),
      ]
    ) names.push((await assertRejects(ask) as Error).name);
    assertEquals(names, [
      "TaskNotCancelableError",
      "TaskNotFoundError",
      "UnsupportedOperationError",
    ]);
  });
}
