/** Whether something listens on a port of the loopback interface. */
export async function canConnect(port: number): Promise<boolean> {
  // Not at the top: this is also bundled for places that have no such module, and never called there.
  const { connect } = await import("node:net");
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, timeout: 500 });
    const settle = (can: boolean) => {
      socket.destroy();
      resolve(can);
    };
    socket.once("connect", () => settle(true));
    socket.once("error", () => settle(false));
    socket.once("timeout", () => settle(false));
  });
}
