/** What `--help` prints: of the whole, and of each command. */

const SERVICE = `
  <service>              bifit-kassa, invoicebox, mobile-smarts, bstats, smart-satu,
                         or a file with a profile: ./my-service.json
  --account NAME         one of several accounts of a service (default: default)
  --base-url URL         another server than the service's own; login remembers it
                         (--base-url= goes back to the service's own)
  --set OPTION=VALUE     an option of AuthClient.create, or a param of a profile, as often as
                         needed; login remembers them, secrets aside (OPTION= forgets one)`;
const COMMON = `
  --json                 one JSON object on stdout, of a failure {"error": ...}
  -q, --quiet            no texts but errors
  -h, --help             this text`;

/** @type {Record<string, string>} */
export const help = {
  "": `Signs in to business services and keeps the sessions, for terminals and scripts.

  propusk login <service>            sign in; secrets are asked for, and not shown
  propusk token <service>            a valid token, renewed when needed
  propusk fetch <service> <path>     a call of the API with the credential
  propusk whoami [service]           who is signed in
  propusk sessions                   all that are kept
  propusk logout <service>           forget a session
  propusk providers [service]        the services as data; a start for one's own
  propusk check-profile <file>       what is wrong with a profile

Options of all commands:
${COMMON}
  -V, --version          the version

propusk <command> --help tells more. Sessions lie where \`fileStore()\` of propusk/node keeps them,
and are shared with Node scripts of the same user.

Ends with: 0 done · 1 another fault · 2 usage · 3 sign-in needed · 4 refused ·
5 network or service, worth a retry · 6 the store · 130 Ctrl-C
`,
  login: `propusk login <service> [options]

Signs in and keeps the session. What the service takes is asked for at the terminal; what is
secret is not shown. A service with a page of its own: the address is printed, and opened in the
browser where there is one (BROWSER=none: never).
${SERVICE}
  --stdin                credentials as JSON from a pipe: {"username": "...", "password": "..."};
                         the member "code" answers a second factor
${COMMON}

Environment: PROPUSK_USERNAME, PROPUSK_PASSWORD, PROPUSK_TOKEN.
`,
  token: `propusk token <service> [options]

Prints a valid token; it is renewed when needed.
${SERVICE}
  --min-validity SECONDS how long it must be valid at least (default: 60)
  --header               the whole line "Authorization: ...", for curl -H @-
${COMMON}

  curl -H @- https://kassa.bifit.com/... < <(npx propusk token bifit-kassa --header)
`,
  fetch: `propusk fetch <service> <path> [options]

Calls the API with the credential and prints the body, whatever the status. The path is below the
service's address; a whole address must be of the service.
${SERVICE}
  -X, --request METHOD   default: GET, with -d POST
  -d, --data DATA        the body; @FILE: what is in a file, @-: what is piped
  -H, --header 'N: V'    a header, as often as needed
  -i, --include          status and headers too
${COMMON}

Ends with 0 for 2xx and 3xx, 4 for 401 and 403, 5 for 429 and 5xx, 1 for other 4xx.
`,
  whoami: `propusk whoami [service] [options]

Prints who is signed in, without asking the service.
${SERVICE}
${COMMON}
`,
  sessions: `propusk sessions [options]

Prints all sessions that are kept, without what is secret in them.
${COMMON}
`,
  logout: `propusk logout <service> [options]

Forgets the session here and for every script that shares it; revokes it where the service can.
${SERVICE}
  --all                  every account of the service
${COMMON}
`,
  providers: `propusk providers [service] [options]

Prints the built-in services as data, or one of them: a start for a profile of one's own.
${COMMON}
`,
  "check-profile": `propusk check-profile <file.json|.js> [options]

Prints every fault of a profile, with its place. A script's default export is the profile.
${SERVICE.replace(/\n {2}<service>[^]*?json\n/, "\n")}
  --try                  sign in, and show what was sent and understood, secrets masked
  --stdin                with --try: credentials as JSON from a pipe
${COMMON}
`,
};
