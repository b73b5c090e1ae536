/** Clients that do no more than count: what is measured is the server. */
import { connect, type Socket } from "node:net";
import { MARK } from "./event.ts";

const MARK_BYTE = MARK.charCodeAt(0);

export class Clients {
  /** Events that arrived, at all of them together. */
  received = 0;
  readonly #sockets: Socket[] = [];
  #awaited = Infinity;
  #onAwaited = () => {};

  /** Opens so many, and waits until each has an answer. */
  async open(port: number, count: number): Promise<void> {
    for (let n = 0; n < count; n += 50) {
      const some = Array.from({ length: Math.min(50, count - n) }, () => this.#open(port));
      await Promise.all(some);
    }
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
      this.#sockets.push(socket);
      socket.write("GET /runs/r/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
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
