/**
 * Signs in to each of the five services from Node and prints what happened.
 *
 *     PROPUSK_SANDBOX='{"control":…,"services":…}' node demo.mjs      (`cargo xtask demo` does that)
 *
 * It is also the shortest tour of the API: every service goes the same way, sign in, call, renew or check, sign out,
 * and `JOURNEYS` holds all that differs. Passwords stand here because they are the sandbox's, not anybody's.
 */
import { AuthClient, isAuthError } from "propusk";

const { services } = JSON.parse(process.env.PROPUSK_SANDBOX ?? missing());

/**
 * @typedef {{ provider: any, wayIn: string, options?: object, signIn: Function, keep: Function }} Journey
 * @type {Journey[]}
 */
const JOURNEYS = [
  {
    provider: "bifit-kassa",
    wayIn: "79990000002 ••••••, code ••••••",
    async signIn(client) {
      try {
        await client.login({ username: "79990000002", password: "secret" });
      } catch (error) {
        if (!isAuthError(error, "second_factor_required")) throw error;
        await client.confirm("123456"); // what the user reads off the phone
      }
    },
    keep: renewed,
  },
  {
    provider: "invoicebox",
    wayIn: "token b37c••••",
    signIn: (client) => client.login({ token: "b37c4c689295904ed21eee5d9a48d42e" }),
    // A static token is not renewed, but its owner can be asked for.
    async keep(client) {
      const { subject } = await client.check();
      if (subject !== client.session.subject) throw new Error("the token belongs to somebody else now");
      return "checked: same owner";
    },
  },
  {
    provider: "mobile-smarts",
    wayIn: "user@domain.ru ••••••",
    signIn: (client) => client.login({ username: "user@domain.ru", password: "123456" }),
    keep: renewed,
  },
  {
    provider: "bstats",
    wayIn: "demo ••••, consent page",
    options: { redirectUri: "http://127.0.0.1/signed-in" },
    // In a page this is `client.loginWithRedirect()`, and `client.handleRedirect()` when the user is back.
    async signIn(client) {
      const address = await client.authorizationUrl();
      await client.handleRedirect(await consent(address));
    },
    // The token has no end. What needs care are errors that come with status 200.
    async keep(client) {
      const problem = await client.problem(await client.fetch("?app=dossier&method=customer.fail"));
      if (problem?.code !== "access_denied") throw new Error("the error in the answer was not noticed");
      return "no end; 200 error seen";
    },
  },
  {
    provider: "smart-satu",
    wayIn: "supplier ••••••",
    // No refresh token there: the client asks for the credentials again when it needs a new session.
    options: { credentials: () => ({ username: "supplier", password: "qwerty" }) },
    signIn: (client) => client.login({ username: "supplier", password: "qwerty" }),
    keep: renewed,
  },
];

/** @param {Journey} journey */
async function travel({ provider, wayIn, options, signIn, keep }) {
  const row = { ok: false, cells: [provider, wayIn, "", "", "", "", ""], step: "create", error: null };
  const started = performance.now();
  try {
    const { baseUrl, api } = services[provider];
    const client = await AuthClient.create({ provider, baseUrl, ...options });

    row.step = "sign in";
    await signIn(client);
    row.cells[5] = short(client.session.subject ?? "not told");

    row.step = "call";
    const response = await client.fetch(api); // `fetch`, with the service's own kind of credential attached
    const problem = await client.problem(response);
    if (problem) throw problem;
    row.cells[2] = `GET ${response.status}`;

    row.step = "renewal or check";
    row.cells[3] = await keep(client);

    row.step = "sign out";
    await client.logout();
    row.cells[4] = await refused(client, api);

    client.close();
    row.ok = true;
  } catch (error) {
    row.error = error;
  }
  row.cells[6] = (performance.now() - started).toFixed(0);
  return row;
}

async function renewed(client) {
  const { expiresAt } = await client.refresh();
  return `renewed for ${((expiresAt - Date.now()) / 3_600_000).toFixed(0)} h`;
}

/** A session that is over must not be usable: the client refuses the call and sends nothing. */
async function refused(client, api) {
  const sent = await client.fetch(api).then(
    () => true,
    (error) => !isAuthError(error, "login_required"),
  );
  if (sent || client.session) throw new Error("the session outlived its end");
  return "done";
}

/** The user's part at bstats: opens the page, fills in the form, presses "Allow"; the address that the browser is sent to. */
async function consent(address) {
  const page = await fetch(address);
  if (!page.ok) throw new Error(`the consent page answered ${page.status}`);
  const form = new URLSearchParams({ login: "demo", password: "demo", decision: "allow" });
  const answer = await fetch(address, { method: "POST", body: form, redirect: "manual" });
  return answer.headers.get("location");
}

/* ------------------------------------------------------------------ the table */

const short = (text) => (text.length > 12 ? `${text.slice(0, 11)}…` : text);

const coloured = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code, text) => (coloured ? `\x1b[${code}m${text}\x1b[0m` : text);

function print(rows) {
  const head = ["service", "way in", "call", "renewal or check", "sign out", "subject", "ms"];
  const lines = [head, ...rows.map((row) => row.cells)];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const text = (line) => line.map((cell, column) => cell[column < 6 ? "padEnd" : "padStart"](widths[column])).join("  ");

  console.log(`\n  ${paint(2, text(head))}`);
  for (const row of rows) {
    console.log(paint(row.ok ? 32 : 31, `${row.ok ? "✓" : "✗"} ${text(row.cells)}`));
    if (row.error) {
      console.log(`    at the step "${row.step}": ${row.error.message}${row.error.code ? ` [${row.error.code}]` : ""}`);
      if (row.error.hint) console.log(`    ${row.error.hint}`);
    }
  }
  const worked = rows.filter((row) => row.ok).length;
  console.log(`\n${worked} of ${rows.length} services: signed in, called, renewed or checked, signed out`);
  return worked === rows.length;
}

/** @returns {never} */
function missing() {
  console.error("PROPUSK_SANDBOX does not say where the services are; `cargo xtask demo` starts them and this program");
  process.exit(2);
}

const rows = [];
for (const journey of JOURNEYS) rows.push(await travel(journey));
process.exitCode = print(rows) ? 0 : 1;
