/** The service as these tests need it: a function in the place of `fetch`, and what it was asked. @param {Record<string, () => Response>} answers by path */
function service(answers) {
  const asked = [];
  const fetch = async (address, init) => {
    const { pathname } = new URL(address);
    asked.push(`${init?.method ?? "GET"} ${pathname}`);
    return answers[pathname]?.() ?? new Response(null, { status: 404 });
  };
  return { asked, fetch };
}

const HOUR = 3600_000;

/** A sign-in that lasts an hour. @param {number} now */
const granted = (now) => () =>
  Response.json({ access_token: "granted", access_token_expiration_time: Math.round((now + HOUR) / 1000), url_api: "https://api.example/api/", id: 132 });

module.exports = { HOUR, granted, service };
