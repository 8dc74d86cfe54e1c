const { AuthClient } = require("propusk");
const { unpaid } = require("../src/orders.js");
const { HOUR, granted, service } = require("./service.js");

const ACCOUNT = { username: "supplier", password: "qwerty" };
const orders = () => Response.json([{ id: 3, day: "2026-03-02", paid: false }, { id: 1, day: "2026-01-01", paid: true }, { id: 2, day: "2026-02-01", paid: false }]);

let client;
let time;
afterEach(() => client.close());

/** Signed in at a service that answers so. */
async function signedIn(answers) {
  time = Date.UTC(2026, 0, 1);
  const played = service({ "/api/user/login": () => granted(time)(), ...answers });
  client = await AuthClient.create({ provider: "smart-satu", fetch: played.fetch, now: () => time, credentials: () => ACCOUNT, retries: 0 });
  await client.login(ACCOUNT);
  played.asked.length = 0;
  return played;
}

test("shows what is to be paid, the oldest first", async () => {
  await signedIn({ "/api/orders": orders });
  expect((await unpaid(client)).map(({ id }) => id)).toEqual([2, 3]);
});

test("signs in again by itself when the session is over", async () => {
  const { asked } = await signedIn({ "/api/orders": orders });
  time += HOUR;
  await unpaid(client);
  expect(asked).toEqual(["POST /api/user/login", "GET /api/orders"]);
});

test("hands the service's own error on", async () => {
  await signedIn({ "/api/orders": () => Response.json({ name: "Forbidden" }, { status: 403 }) });
  await expect(unpaid(client)).rejects.toMatchObject({ code: "insufficient_scope", status: 403 });
});

test("works under fake timers", async () => {
  jest.useFakeTimers();
  try {
    await signedIn({ "/api/orders": orders });
    expect(await unpaid(client)).toHaveLength(2);
  } finally {
    jest.useRealTimers();
  }
});
