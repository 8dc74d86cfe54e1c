import { type AuthClient, isAuthError } from "propusk";
import { userMessage } from "propusk/messages";

/** A sign-in form with a second step. */
export function signInForm(client: AuthClient<"bifit-kassa">): HTMLFormElement {
  const form = document.createElement("form");
  form.innerHTML = `
    <input name="phone"><input name="password" type="password">
    <input name="code" hidden>
    <button>Войти</button> <output></output>`;
  const field = (name: string) => form.elements.namedItem(name) as HTMLInputElement;
  const output = form.querySelector("output") as HTMLOutputElement;

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    output.textContent = "";
    try {
      const session = field("code").hidden
        ? await client.login({ username: field("phone").value, password: field("password").value })
        : await client.confirm(field("code").value);
      output.textContent = `Вы вошли: ${session.subject}`;
    } catch (error) {
      if (isAuthError(error, "second_factor_required")) field("code").hidden = false;
      output.textContent = userMessage(error, "ru");
    }
  });
  return form;
}
