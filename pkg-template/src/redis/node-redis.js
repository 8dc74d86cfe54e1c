/** Clients of the package `redis`. */

/**
 * @param {any} client
 * @returns {import("./link.js").Link}
 */
export function link(client) {
  return {
    // A command as plain words is sent as it is, also where the client has a prefix for keys.
    keyPrefix: "",
    isReady: () => client.isReady,
    isEnded: () => !client.isOpen,
    wake() {},
    send: async (words) => client.sendCommand(words),
    nodes: () => [async (words) => client.sendCommand(words)],
    listen: (events) => listen(client.duplicate(), events),
  };
}

/**
 * A cluster: it has to be told by which key a command finds its server, and tells of no connection of its own.
 *
 * @param {any} client
 * @returns {import("./link.js").Link}
 */
export function linkCluster(client) {
  return {
    keyPrefix: "",
    isReady: () => client.isReady ?? client.isOpen,
    isEnded: () => !client.isOpen,
    wake() {},
    send: async (words) => client.sendCommand(words[0] === "EVAL" ? words[3] : words[1], false, words),
    nodes: () => client.masters.map((/** @type {any} */ master) => async (/** @type {string[]} */ words) => (await client.nodeClient(master)).sendCommand(words)),
    listen: (events) => listenToCluster(client.duplicate(), events),
  };
}

/**
 * @param {any} own
 * @param {import("./link.js").Events} events
 * @returns {import("./link.js").Ear}
 */
function listenToCluster(own, events) {
  /** @param {string} _ @param {string} channel */
  const told = (_, channel) => events.told(channel);
  let isClosing = false;
  own.on("error", () => {});
  own.connect().then(() => (isClosing ? end(own) : events.ready()), events.ended);
  return {
    isCluster: true,
    isReady: () => own.isOpen,
    subscribe: async (channel) => own.subscribe(channel, told),
    unsubscribe: async (channel) => own.unsubscribe(channel, told),
    close() {
      isClosing = true;
      end(own);
    },
  };
}

/**
 * @param {any} own
 * @param {import("./link.js").Events} events
 * @returns {import("./link.js").Ear}
 */
function listen(own, events) {
  let isClosing = false;
  /** @param {string} _ @param {string} channel */
  const told = (_, channel) => events.told(channel);
  own.on("ready", () => (isClosing ? end(own) : events.ready()));
  own.on("end", events.ended);
  // Without a listener an error would end the process. A client that gives up may say so by an error alone.
  own.on("error", () => (isClosing ? end(own) : own.isOpen || events.ended()));
  own.on("reconnecting", () => isClosing && end(own));
  // Before it connects: a socket on its way does not hear of it.
  own.unref?.();
  own.connect().catch(events.ended);
  return {
    isCluster: false,
    isReady: () => own.isReady,
    subscribe: async (channel) => own.subscribe(channel, told),
    unsubscribe: async (channel) => own.unsubscribe(channel, told),
    close() {
      // A client that is ended while its socket is on its way forgets the socket, which stays open for ever.
      isClosing = true;
      if (own.isReady) end(own);
    },
  };
}

/** @param {any} own */
function end(own) {
  if (!own.isOpen) return;
  // Version 4 has no `destroy`, later ones deprecate `disconnect`.
  if (typeof own.destroy === "function") own.destroy();
  else own.disconnect().catch(() => {});
}
