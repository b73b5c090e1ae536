import { connect, createServer, type Socket } from "node:net";

/** Stands between a client and a server, and cuts connections. */
export interface Proxy {
  readonly url: string;
  /** Cuts every connection in the middle of the next answer that is longer than that. */
  cutNext(bytes: number): void;
  /** From now on, nothing passes on the connections that there are; nobody is told. */
  freeze(): void;
  /** How many connections it has cut. */
  readonly cuts: number;
  close(): Promise<void>;
}

/** Starts a proxy on a free port, before the server on `port`. */
export function startProxy(port: number, host: string = "127.0.0.1"): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let frozen = new Set<Socket>();
  let rest = Infinity;
  let cuts = 0;
  const server = createServer((near) => {
    const far = connect({ host, port });
    const drop = () => {
      near.destroy();
      far.destroy();
      sockets.delete(near);
    };
    sockets.add(near);
    for (const socket of [near, far]) socket.on("error", drop).on("close", drop);
    near.on("data", (bytes) => void (frozen.has(near) || far.write(bytes)));
    far.on("data", (bytes) => {
      if (frozen.has(near)) return;
      if (bytes.length <= rest) return void near.write(bytes);
      near.write(bytes.subarray(0, rest), () => near.destroySoon());
      rest = Infinity;
      cuts++;
    });
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address() as { port: number };
      resolve({
        url: `redis://127.0.0.1:${address.port}`,
        freeze: () => void (frozen = new Set(sockets)),
        cutNext: (bytes) => void (rest = bytes),
        get cuts() {
          return cuts;
        },
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            for (const socket of sockets) socket.destroy();
          }),
      });
    });
  });
}
