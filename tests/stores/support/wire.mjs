/** A wire between a client and a server, which can lose what is sent over it. */
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { later } from "./scratch.mjs";

/** @param {{ host: string, port: number }} server */
export async function wire(server) {
  /** @type {Set<import("node:net").Socket>} */
  const sockets = new Set();
  const state = { loses: false };
  const listening = createServer((near) => {
    const far = connect(server.port, server.host);
    near.on("data", (data) => far.write(data));
    far.on("data", (data) => state.loses || near.write(data));
    for (const [one, other] of [[near, far], [far, near]]) {
      sockets.add(one);
      one.on("error", () => {});
      one.on("close", () => (sockets.delete(one), other.destroy()));
    }
  }).listen(0, "127.0.0.1");
  await once(listening, "listening");
  const cut = () => sockets.forEach((socket) => socket.destroy());
  later(() => {
    listening.close();
    cut();
  });
  const { port } = /** @type {import("node:net").AddressInfo} */ (listening.address());
  return {
    host: "127.0.0.1",
    port,
    /** From now on no answer arrives. */
    lose: () => void (state.loses = true),
    /** Breaks all connections, and there are no new ones. */
    sever: () => {
      listening.close();
      cut();
    },
    /** Breaks all connections; new ones are good. */
    cut: () => {
      state.loses = false;
      cut();
    },
  };
}
