/**
 * What a stalled client costs: 5,000 events a second for 60 seconds, to one client that reads and one that does not;
 * beside it, at the same time, another server whose only client reads.
 *
 * The servers are processes of their own on Node. Every 5 seconds their memory is looked at, after a collection. The
 * clients that read have to get every event; the other one is cut off by the server, after its `writeTimeoutMs`.
 *
 * Run: `deno run -A bench/sse/stalled.ts`
 *
 * @module
 */
import { Clients } from "./clients.ts";
import { MeasuredServer } from "./measured_server.ts";

const EVENTS_PER_SECOND = 5_000;
const SECONDS = 60;
const STEP_SECONDS = 5;
const STEP = `publish ${STEP_SECONDS * EVENTS_PER_SECOND} 10 ${EVENTS_PER_SECOND}`;

const servers = await Promise.all([MeasuredServer.start("locus"), MeasuredServer.start("locus")]);
const clients = servers.map(() => new Clients());
try {
  await Promise.all(servers.map(({ port }, n) => clients[n]!.open(port, 1)));
  const stalled = await clients[0]!.openStalled(servers[0]!.port);
  console.log(
    "| seconds | held, with a stalled client | held, without | resident, with | without |",
  );
  console.log("|---|---|---|---|---|");
  for (let seconds = STEP_SECONDS; seconds <= SECONDS; seconds += STEP_SECONDS) {
    await Promise.all(servers.map((server) => server.ask(STEP)));
    const usages = await Promise.all(servers.map((server) => server.ask("idle")));
    const figures = [...usages.map(({ held }) => held), ...usages.map(({ rss }) => rss)];
    console.log(`| ${seconds} | ${figures.map(mb).join(" | ")} |`);
  }
  await Promise.all(clients.map((some) => some.arrived(SECONDS * EVENTS_PER_SECOND)));
  console.log(`Both readers got all ${SECONDS * EVENTS_PER_SECOND} events.`);
  const closed = new Promise<void>((resolve) => stalled.once("close", resolve));
  stalled.resume();
  await closed;
  console.log("The stalled client was cut off.");
} finally {
  for (const some of clients) some.close();
  for (const server of servers) server.stop();
}

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
