const { userMessage } = require("propusk/messages");

/** Shows who is signed in, and a button that ends it. @param {import("propusk").AuthClient} client @param {Element} place */
function greeting(client, place) {
  const show = () => {
    place.innerHTML = client.session ? `<p></p><button>Выйти</button>` : "<p>Никто не вошёл</p>";
    const [text, button] = place.children;
    if (!client.session) return;
    text.textContent = `Здравствуйте, ${client.session.subject}`;
    button.addEventListener("click", () => client.logout().catch((error) => (text.textContent = userMessage(error, "ru"))));
  };
  show();
  return client.subscribe(show);
}

module.exports = { greeting };
