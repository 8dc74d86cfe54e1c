// @vitest-environment jsdom
import { AuthClient } from "propusk";
import { afterEach, expect, test, vi } from "vitest";
import { signInForm } from "../src/form.js";
import { granted, refused, service } from "./service.js";

/** For a busy machine; each wait ends as soon as it can. */
const PATIENCE = { timeout: 20_000 };

let client: AuthClient<"bifit-kassa">;
afterEach(() => client.close());

/** The form of a client whose logins are answered so. */
async function form(...answers: (() => Response)[]) {
  const { fetch } = service({ "/oauth/token": answers });
  client = await AuthClient.create({ provider: "bifit-kassa", fetch, retries: 0 });
  const made = signInForm(client);
  document.body.replaceChildren(made);
  const fill = (values: Record<string, string>) => {
    for (const [name, value] of Object.entries(values)) (made.elements.namedItem(name) as HTMLInputElement).value = value;
    made.requestSubmit();
  };
  return { made, fill, shown: () => made.querySelector("output")?.textContent };
}

test("signs in", async () => {
  const { fill, shown } = await form(granted);
  fill({ phone: "+7 999 000-00-01", password: "secret" });
  await vi.waitUntil(() => shown() === "Вы вошли: 120041", PATIENCE);
});

test("asks for a code where the account has a second step", async () => {
  const { made, fill, shown } = await form(refused("mfa_required"), granted);
  fill({ phone: "79990000002", password: "secret" });
  await vi.waitUntil(() => !(made.elements.namedItem("code") as HTMLInputElement).hidden, PATIENCE);
  expect(shown()).toBe("Чтобы завершить вход, введите код подтверждения.");
  fill({ code: "123456" });
  await vi.waitUntil(() => shown() === "Вы вошли: 120041", PATIENCE);
});

test("says in plain words that the password does not fit", async () => {
  const { fill, shown } = await form(refused("invalid_grant"));
  fill({ phone: "79990000001", password: "wrong" });
  await vi.waitUntil(() => shown() === "Телефон или пароль не подошли. Проверьте их и попробуйте ещё раз.", PATIENCE);
});
