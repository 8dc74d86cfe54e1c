/** Clients of the package `ioredis`, its cluster included. */

/**
 * @param {any} client
 * @returns {import("./link.js").Link}
 */
export function link(client) {
  return {
    keyPrefix: String(client.options?.keyPrefix ?? ""),
    isReady: () => client.status === "ready",
    isEnded: () => client.status === "end",
    wake: () => connect(client),
    send: async (words) => client.call(...words),
    nodes: () => nodes(client).map((/** @type {any} */ node) => async (/** @type {string[]} */ words) => node.call(...words)),
    listen: (events) => listen(client.duplicate(), events),
  };
}

/**
 * @param {any} own
 * @param {import("./link.js").Events} events
 * @returns {import("./link.js").Ear}
 */
function listen(own, events) {
  own.on("ready", events.ready);
  own.on("end", events.ended);
  own.on("message", events.told);
  // Without a listener every error is printed.
  own.on("error", () => {});
  // Waiting for messages does not keep a process. There is no public way to say so; a cluster has no `stream` at all.
  own.on("connect", () => own.stream?.unref?.());
  connect(own);
  return {
    isCluster: Boolean(own.isCluster),
    isReady: () => own.status === "ready",
    subscribe: async (channel) => own.subscribe(channel),
    unsubscribe: async (channel) => own.unsubscribe(channel),
    close() {
      own.off("ready", events.ready);
      own.off("end", events.ended);
      own.off("message", events.told);
      own.disconnect();
    },
  };
}

/**
 * With the option `lazyConnect` a client waits for its first command.
 *
 * @param {any} client
 */
function connect(client) {
  if (client.status === "wait") client.connect().catch(() => {});
}

/** @param {any} client @returns {any[]} */
function nodes(client) {
  return client.isCluster ? client.nodes("master") : [client];
}
