/** Clients that do no more than count: what is measured is the server. */
import { connect, type Socket } from "node:net";
import { MARK, runOf } from "./event.ts";

const MARK_BYTE = MARK.charCodeAt(0);

export class Clients {
  /** Events that arrived, at all of them together. */
  received = 0;
  readonly #runs: number;
  readonly #sockets: Socket[] = [];
  #awaited = Infinity;
  #onAwaited = () => {};

  /** @param runs How many runs they read; each client one of them, in turn. */
  constructor(runs = 1) {
    this.#runs = runs;
  }

  /** Opens so many, and waits until each has an answer. */
  async open(port: number, count: number): Promise<void> {
    for (let n = 0; n < count; n += 50) {
      const some = Array.from({ length: Math.min(50, count - n) }, () => this.#open(port));
      await Promise.all(some);
    }
  }

  /** Opens one, and returns how long its first bytes took, in milliseconds. */
  async timeToFirstByte(port: number): Promise<number> {
    const askedAt = performance.now();
    await this.#open(port);
    return performance.now() - askedAt;
  }

  /** Resolves when so many events have arrived. */
  arrived(count: number): Promise<void> {
    if (this.received >= count) return Promise.resolve();
    this.#awaited = count;
    return new Promise((resolve) => this.#onAwaited = resolve);
  }

  /** Opens one that reads nothing of what follows its headers. */
  async openStalled(port: number): Promise<Socket> {
    const socket = await this.#open(port);
    socket.pause();
    return socket;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #open(port: number): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, "127.0.0.1");
      const run = runOf(this.#sockets.push(socket) - 1, this.#runs);
      socket.write(`GET /runs/${run}/events HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      socket.once("error", reject);
      socket.once("data", () => resolve(socket));
      socket.on("data", (bytes) => this.#count(bytes));
    });
  }

  #count(bytes: Uint8Array): void {
    for (let at = bytes.indexOf(MARK_BYTE); at >= 0; at = bytes.indexOf(MARK_BYTE, at + 1)) {
      this.received++;
    }
    if (this.received >= this.#awaited) this.#onAwaited();
  }
}
