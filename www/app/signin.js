/** The form at the desk: credentials, then a second factor where the service asks for one; or the way to bstats.ru. */
import { isAuthError } from "propusk";
import { remember } from "./clients.js";
import { fill, h, set } from "./dom.js";
import { say, t } from "./i18n.js";

/**
 * @param {HTMLElement} place
 * @param {typeof import("./services.js").SERVICES[number]} service
 * @param {import("propusk").AuthClient<any>} client
 * @param {(action: string, work: () => Promise<unknown>, how?: object) => Promise<boolean>} run shows what comes of it
 */
export function showSignIn(place, service, client, run) {
  const heading = h("h2", { text: () => t("signInTo", t(`name.${service.id}`)) });
  if (service.fields) fill(place, heading, ...credentialsForm(place, service, client, run));
  else fill(place, heading, ...redirectForm(client, run));
}

function credentialsForm(place, service, client, run) {
  const inputs = service.fields.map(({ name, label, props }) => {
    const input = h("input", { id: `field-${name}`, name, required: true, ...props });
    return { input, field: h("div", { class: "field" }, h("label", { for: input.id, text: say(label) }), input) };
  });
  const accounts = service.accounts.map(({ label, note, values }) => {
    const button = h(
      "button",
      { type: "button", onclick: () => take(values) },
      h("span", { class: "who", text: label }),
      h("span", { class: "quiet", text: say(`account.${note}`) }),
    );
    return { button, values };
  });
  /** The account whose name is in the form is marked, however it came there. */
  const mark = () => {
    const [{ input }] = inputs;
    for (const { button, values } of accounts) set(button, "aria-pressed", String(values[input.name] === input.value));
  };
  const take = (values) => {
    for (const { input } of inputs) if (input.name in values) input.value = values[input.name];
    mark();
  };
  take(service.accounts[0].values);

  const form = h(
    "form",
    {
      oninput: mark,
      async onsubmit(event) {
        event.preventDefault();
        const credentials = Object.fromEntries(inputs.map(({ input }) => [input.name, input.value]));
        remember(service.id, credentials);
        let second = false;
        const { username } = credentials;
        await run(
          "login",
          () =>
            client.login(credentials).catch((error) => {
              second = isAuthError(error, "second_factor_required");
              throw error;
            }),
          { username },
        );
        if (second && place.contains(form)) showSecondFactor(place, service, client, run, username);
      },
    },
    inputs.map(({ field }) => field),
    h("button", { class: "main", text: say("signIn") }),
  );
  return [
    form,
    h("h3", { text: say("tryThese") }),
    h("ul", { class: "accounts" }, accounts.map(({ button }) => h("li", {}, button))),
    h(
      "p",
      { class: "row" },
      h("button", { type: "button", class: "link", text: say("mistype"), "aria-describedby": "note-mistype", onclick: () => take(service.wrong) }),
      h("span", { id: "note-mistype", class: "quiet", text: say("mistypeNote") }),
    ),
  ];
}

function showSecondFactor(place, service, client, run, username) {
  const input = h("input", { id: "field-code", name: "code", required: true, inputmode: "numeric", autocomplete: "one-time-code" });
  const form = h(
    "form",
    {
      async onsubmit(event) {
        event.preventDefault();
        const worked = await run("confirm", () => client.confirm(input.value), { username });
        if (!worked) input.focus({ preventScroll: true });
      },
    },
    h("div", { class: "field" }, h("label", { for: input.id, text: say("code") }), input),
    h(
      "div",
      { class: "row" },
      h("button", { class: "main", text: say("confirm") }),
      h("button", { type: "button", text: say("back"), onclick: () => showSignIn(place, service, client, run) }),
    ),
    h("button", { type: "button", class: "link", text: say("fillCode"), onclick: () => (input.value = service.code) }),
  );
  fill(place, h("h2", { text: say("secondFactor") }), h("p", { class: "quiet", text: say("secondFactorNote") }), form);
  input.focus({ preventScroll: true });
}

function redirectForm(client, run) {
  const form = h(
    "form",
    {
      onsubmit(event) {
        event.preventDefault();
        // Leaves the page; `handleRedirect` in main.js goes on when the user is back.
        run("login", () => client.loginWithRedirect({ returnTo: `${location.pathname}#bstats` }));
      },
    },
    h("button", { class: "main", text: say("goThere") }),
  );
  return [h("p", { text: say("redirectNote") }), form];
}
