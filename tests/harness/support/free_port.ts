import { createServer } from "node:net";

/**
 * Finds a port of the loopback interface that nothing listens on. It is outside the range from which systems choose a
 * port by themselves, so no other program gets it while a server restarts.
 */
export async function freePort(): Promise<number> {
  for (let attempts = 0; attempts < MAX_ATTEMPTS; attempts++) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (await isFree(port)) return port;
  }
  throw new Error(`None of ${MAX_ATTEMPTS} ports was free`);
}

const MAX_ATTEMPTS = 20;
const LOWEST = 10_000;
// A node of a Redis cluster takes the port 10,000 above, too.
const HIGHEST = 22_768;

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
