/** Bodies on their way, and what ends a request: limits, deadlines, pages that go away. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { request as ask } from "node:http";
import { test } from "node:test";
import { gate, mounting, pieces, refusal, streaming } from "./support/mounted.mjs";

const made = await mounting();
const ownFetch = (/** @type {any} */ input, /** @type {any} */ init) => fetch(input, init);
/** Which way requests go to the provider. @type {[string, typeof made.mounted][]} */
const WAYS = [
  ["by node:http", made.mounted],
  ["by a fetch of the owner's", (options) => made.mounted({ fetch: ownFetch, ...options })],
];

/** What a request of node:http is answered with. @param {import("node:http").ClientRequest} request @returns {Promise<import("node:http").IncomingMessage>} */
const answered = async (request) => (await once(request, "response"))[0];

for (const [way, mounted] of WAYS) {
  test(`${way}: a body streams to the provider while the page still sends it`, async () => {
    const first = gate();
    const { base } = await mounted({
      answer: async (request, response) => {
        let text = "";
        for await (const chunk of request) {
          text += chunk;
          first.resolve(text);
        }
        response.end(text);
      },
    });
    const { body, write, end } = pieces();
    const response = fetch(`${base}/protected/upload`, streaming(body));
    await write("first ");
    assert.equal(await first.promise, "first ");
    await write("second");
    await end();
    assert.equal(await (await response).text(), "first second");
  });

  test(`${way}: a body of a known length streams, too, and says how long it is`, async () => {
    const first = gate();
    const { port } = await mounted({
      answer: async (request, response) => {
        let text = "";
        for await (const chunk of request) first.resolve((text += chunk));
        response.end(`${request.headers["content-length"]} ${request.headers["transfer-encoding"]} ${text}`);
      },
    });
    const sent = ask({ port, host: "127.0.0.1", method: "PUT", path: "/auth/kassa/protected/upload", headers: { "content-length": "6" } });
    sent.write("abc");
    assert.equal(await first.promise, "abc");
    sent.end("def");
    const response = await answered(sent);
    const [chunk] = await once(response, "data");
    assert.equal(String(chunk), "6 undefined abcdef");
  });

  test(`${way}: an answer streams to the page while the provider still sends it`, async () => {
    for (const isDirect of [false, true]) {
      const go = gate();
      const { base, relay } = await mounted({
        answer: async (_, response) => {
          response.write("first ");
          await go.promise;
          response.end("second");
        },
      });
      const response = await (isDirect ? relay(new Request("https://app.test/auth/kassa/protected/x")) : fetch(`${base}/protected/x`));
      const reader = response.body.getReader();
      assert.equal(new TextDecoder().decode((await reader.read()).value), "first ");
      go.resolve();
      assert.equal(new TextDecoder().decode((await reader.read()).value), "second");
      assert.ok((await reader.read()).done);
    }
  });

  test(`${way}: the head of an answer goes out before there is any body`, async () => {
    const go = gate();
    const { base } = await mounted({
      answer: async (_, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
        await go.promise;
        response.end("data: x");
      },
    });
    const response = await fetch(`${base}/protected/events`);
    assert.equal(response.headers.get("content-type"), "text/event-stream");
    go.resolve();
    assert.equal(await response.text(), "data: x");
  });

  test(`${way}: a body over the limit is refused, whether it says so or not`, async () => {
    const { base, arrived, port } = await mounted({ maxBody: 100 });
    for (const path of ["oauth/token", "protected/x"]) {
      const body = new URLSearchParams({ grant_type: "password", username: "u".repeat(200) });
      assert.equal(await refusal(await fetch(`${base}/${path}`, { method: "POST", body })), "413 too_large");
    }
    assert.equal(arrived.length, 0, "what says how long it is goes nowhere");
    for (const path of ["oauth/token", "protected/x"]) {
      const sent = ask({ port, host: "127.0.0.1", method: "POST", path: `/auth/kassa/${path}`, headers: { "content-type": "application/x-www-form-urlencoded", "transfer-encoding": "chunked" } });
      sent.on("error", () => {});
      sent.write("grant_type=password&username=");
      sent.write("u".repeat(50));
      sent.end("u".repeat(50));
      const response = await answered(sent);
      assert.equal(response.statusCode, 413, path);
      response.resume();
    }
    const exact = "x".repeat(100);
    assert.equal((await fetch(`${base}/protected/x`, { method: "POST", body: exact })).status, 200);
    assert.equal(arrived.at(-1)?.body, exact);
  });

  test(`${way}: an upload that turns out too long is ended at the provider as well`, async () => {
    const ended = gate();
    const { base, traces } = await mounted({ maxBody: 1000, answer: (request) => void request.on("close", () => ended.resolve(request.complete)).resume() });
    const { body, write } = pieces();
    const response = fetch(`${base}/protected/upload`, streaming(body));
    write("x".repeat(900)).catch(() => {});
    write("x".repeat(900)).catch(() => {});
    assert.equal(await refusal(await response), "413 too_large");
    assert.equal(await ended.promise, false, "the provider never had a whole request");
    assert.deepEqual(traces.map(({ status, refused }) => [status, refused]), [[413, "too_large"]]);
  });

  test(`${way}: a page whose body does not come in time is told so, and so is one whose provider does not answer`, async () => {
    const { base, port, traces } = await mounted({ timeout: 300, answer: (request) => void request.resume() });
    assert.equal(await refusal(await fetch(`${base}/protected/goods`)), "504 timeout");
    for (const path of ["oauth/token", "protected/x"]) {
      const sent = ask({ port, host: "127.0.0.1", method: "POST", path: `/auth/kassa/${path}`, headers: { "content-type": "application/x-www-form-urlencoded", "content-length": "100" } });
      sent.on("error", () => {});
      sent.write("grant_type=");
      const response = await answered(sent);
      assert.equal(response.statusCode, 408, path);
      response.resume();
      await once(response, "close");
    }
    assert.deepEqual(traces.map(({ status, refused }) => `${status} ${refused}`), ["504 timeout", "408 timeout", "408 timeout"]);
  });

  test(`${way}: a page that goes away ends the request to the provider: before the head, and in the middle of the body`, async () => {
    for (const begins of [false, true]) {
      const arrived = gate();
      const ended = gate();
      const { base } = await mounted({
        answer: (request, response) => {
          response.on("close", () => ended.resolve(response.writableFinished));
          if (begins) response.write("begun");
          arrived.resolve();
          request.resume();
        },
      });
      const controller = new AbortController();
      const asked = fetch(`${base}/protected/x`, { signal: controller.signal });
      if (begins) await (await asked).body?.getReader().read();
      else asked.catch(() => {});
      await arrived.promise;
      controller.abort();
      assert.equal(await ended.promise, false);
    }
  });

  test(`${way}: a caller that aborts its Request, or cancels the answer, ends the request to the provider`, async () => {
    for (const how of ["before", "signal", "cancel"]) {
      const ended = gate();
      const { relay } = await mounted({
        answer: (_, response) => {
          response.on("close", ended.resolve);
          if (how !== "before") response.write("begun");
          else controller.abort();
        },
      });
      const controller = new AbortController();
      const response = await relay(new Request("https://app.test/auth/kassa/protected/x", { signal: controller.signal }));
      if (how === "before") assert.equal(await refusal(response), "408 timeout");
      else if (how === "cancel") await response.body?.cancel();
      else controller.abort();
      await ended.promise;
    }
  });

  test(`${way}: a page that goes away in the middle of its body ends the request to the provider`, async () => {
    const first = gate();
    const ended = gate();
    const { port, traces } = await mounted({
      answer: (request) => {
        request.on("data", first.resolve).on("error", () => {});
        request.on("close", () => ended.resolve(request.complete));
      },
    });
    const sent = ask({ port, host: "127.0.0.1", method: "POST", path: "/auth/kassa/protected/upload", headers: { "content-length": "100" } });
    sent.on("error", () => {});
    sent.write("some");
    await first.promise;
    sent.destroy();
    assert.equal(await ended.promise, false);
    while (traces.length === 0) await new Promise(setImmediate);
    assert.deepEqual(traces.map(({ status, refused }) => [status, refused]), [[408, "timeout"]]);
  });

  test(`${way}: a provider that breaks off breaks off for the page as well`, async () => {
    const { base } = await mounted({
      answer: (_, response) => {
        response.writeHead(200, { "content-length": "100" });
        response.write("begun", () => response.destroy());
      },
    });
    const response = await fetch(`${base}/protected/x`);
    await assert.rejects(response.text());
  });

  test(`${way}: what the page does not take in, the provider need not send`, async () => {
    const piece = Buffer.alloc(1 << 16);
    /** More than all that lies on the way: buffers of sockets, and of the streams between them. */
    const most = 1200;
    let sent = 0;
    const waits = gate();
    const { port } = await mounted({
      answer: async (_, response) => {
        for (; sent < most && !response.destroyed; sent++) {
          if (response.write(piece)) continue;
          waits.resolve();
          await once(response, "drain");
        }
        response.end();
      },
    });
    const asked = ask({ port, host: "127.0.0.1", path: "/auth/kassa/protected/export" });
    asked.end();
    const response = await answered(asked);
    made.later(() => asked.destroy());
    await waits.promise;
    // As long as something still goes on, it is not known what lies where.
    for (let before = -1; before !== sent; ) {
      before = sent;
      for (let turn = 0; turn < 2000; turn++) await new Promise(setImmediate);
    }
    assert.ok(sent < most, "all of it lies somewhere");
    let length = 0;
    for await (const chunk of response) length += chunk.length;
    assert.equal(length, most * piece.length);
  });
}
