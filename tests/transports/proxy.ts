import { connect, createServer, type Socket } from "node:net";
import type { Side } from "./faults/schedule.ts";

/** Stands between a client and a server, and does to their connections what networks do. */
export interface Proxy {
  readonly port: number;
  /** Cuts every connection in the middle of the next answer that is longer than that. */
  cutNext(bytes: number): void;
  /** Cuts the connections that there are, of one side if the client has one for each. */
  cut(side?: Side): void;
  /** Cuts them, and lets nobody in. */
  sever(): void;
  /** Holds back what the server says, where it tells what happens. */
  lag(): void;
  /** From now on, nothing passes on the connections that there are; nobody is told. */
  freeze(): void;
  /** Ends `sever`, and hands on what `lag` held back. */
  mend(): void;
  /** How many connections it has cut in the middle of an answer. */
  readonly cuts: number;
  close(): Promise<void>;
}

/** One connection through a proxy. */
interface Link {
  readonly near: Socket;
  readonly far: Socket;
  /** Whether the client subscribes on it. */
  hears: boolean;
  isFrozen: boolean;
  /** What is held back; null if nothing is to be. */
  held: Uint8Array[] | null;
}

/** Starts a proxy on a free port, before the server on `port`. */
export function startProxy(port: number, host: string = "127.0.0.1"): Promise<Proxy> {
  const links = new Set<Link>();
  let rest = Infinity;
  let cuts = 0;
  let isSevered = false;
  const drop = (link: Link) => {
    link.near.destroy();
    link.far.destroy();
    links.delete(link);
  };
  const server = createServer((near) => {
    if (isSevered) return void near.destroy();
    const far = connect({ host, port });
    const link: Link = { near, far, hears: false, isFrozen: false, held: null };
    links.add(link);
    for (const socket of [near, far]) {
      socket.on("error", () => drop(link)).on("close", () => drop(link));
    }
    near.on("data", (bytes: Uint8Array) => {
      link.hears ||= SUBSCRIBES.test(new TextDecoder().decode(bytes.subarray(0, 200)));
      if (!link.isFrozen) far.write(bytes);
    });
    far.on("data", (bytes: Uint8Array) => {
      if (link.isFrozen) return;
      if (link.held !== null) return void link.held.push(bytes);
      if (bytes.length <= rest) return void near.write(bytes);
      near.write(bytes.subarray(0, rest), () => near.destroySoon());
      rest = Infinity;
      cuts++;
    });
  });
  const proxy: Omit<Proxy, "port" | "cuts"> = {
    cutNext: (bytes) => void (rest = bytes),
    cut(side) {
      for (const link of [...links]) {
        if (side === undefined || link.hears === (side === "hears")) drop(link);
      }
    },
    sever() {
      isSevered = true;
      for (const link of [...links]) drop(link);
    },
    lag() {
      for (const link of links) if (link.hears) link.held ??= [];
    },
    freeze() {
      for (const link of links) link.isFrozen = true;
    },
    mend() {
      isSevered = false;
      for (const link of links) {
        for (const bytes of link.held ?? []) link.near.write(bytes);
        link.held = null;
      }
    },
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        for (const link of [...links]) drop(link);
      }),
  };
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address() as { port: number };
      const started = { ...proxy, port: address.port };
      resolve(Object.defineProperty(started, "cuts", { get: () => cuts }) as Proxy);
    });
  });
}

const SUBSCRIBES = /\bsubscribe\b|^SUB /im;
