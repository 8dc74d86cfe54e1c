/**
 * The network of one browser of WebKit's, whose driver has no command for it: what the browser asks for over http comes through here.
 * Scripts are put before a page's own, any name leads to this machine, and the network can be taken away.
 */
import { once } from "node:events";
import { createServer, request } from "node:http";

export async function proxy() {
  /** What is put into pages from now on. */
  let scripts = "";
  let offline = false;
  const server = createServer((asked, answer) => {
    const { port, pathname, search } = new URL(asked.url ?? "", "http://none");
    if (offline) return void asked.socket.destroy();
    const put = scripts;
    const headers = { ...asked.headers, "accept-language": "en-US" };
    // The body of a page is changed, so it has to come as it is.
    delete headers["accept-encoding"];
    const passed = request({ host: "127.0.0.1", port, method: asked.method, path: pathname + search, headers });
    passed.on("error", () => asked.socket.destroy());
    answer.on("close", () => passed.destroy());
    passed.on("response", async (response) => {
      const status = response.statusCode ?? 502;
      if (!put || !/^text\/html/.test(response.headers["content-type"] ?? "")) {
        answer.writeHead(status, response.headers);
        return void response.pipe(answer);
      }
      const page = Buffer.concat(await response.toArray()).toString();
      const rest = { ...response.headers };
      delete rest["content-length"];
      delete rest["transfer-encoding"];
      answer.writeHead(status, rest).end(page.replace(/^(<!doctype html>)?/i, (start) => `${start}<script>${put}</script>`));
    });
    asked.pipe(passed);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    address: `127.0.0.1:${port}`,
    /** @param {string[]} given */
    put: (given) => void (scripts = given.map((script) => `${script};`).join("\n").replaceAll("</script", "<\\/script")),
    /** @param {boolean} gone */
    setOffline(gone) {
      offline = gone;
      // A connection that stays open would be used again.
      if (gone) server.closeAllConnections();
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
