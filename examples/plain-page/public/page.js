import { AuthClient } from "/propusk/index.js";
import { userMessage } from "/propusk/messages.js";

const [form, section, name, output] = ["form", "section", "section p", "output"].map((found) => document.querySelector(found));
const client = AuthClient.lazy({ provider: "bifit-kassa", baseUrl: "/auth/kassa", storage: "session" });

/** Shows what comes of it, or why nothing does. */
async function attempt(action) {
  try {
    output.textContent = (await action()) ?? "";
  } catch (error) {
    output.textContent = userMessage(error, document.documentElement.lang);
    console.warn(error);
  }
}

function show(session) {
  form.hidden = session !== null;
  section.hidden = session === null;
  name.textContent = session?.subject ?? "";
}

client.subscribe(show);
void attempt(() => client.ready);
form.onsubmit = (event) => {
  event.preventDefault();
  const { username, password } = Object.fromEntries(new FormData(form));
  void attempt(async () => void (await client.login({ username, password })));
};
document.querySelector("#goods").onclick = () => attempt(async () => (await client.fetch("protected/goods")).text());
document.querySelector("#logout").onclick = () => attempt(() => client.logout());
