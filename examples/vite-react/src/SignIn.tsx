import { isAuthError } from "propusk";
import { userMessage } from "propusk/messages";
import { type FormEvent, useState } from "react";
import { client } from "./session.js";

export function SignIn() {
  const [step, setStep] = useState<"password" | "code">("password");
  const [isBusy, setBusy] = useState(false);
  const [message, setMessage] = useState("");

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "");
    setBusy(true);
    setMessage("");
    try {
      // When it succeeds, `useSession` sees it and this form goes away.
      if (step === "password") await client.login({ username: text("phone"), password: text("password") });
      else await client.confirm(text("code"));
    } catch (error) {
      if (isAuthError(error, "second_factor_required")) setStep("code");
      else setMessage(userMessage(error, "ru"));
      if (isAuthError(error) && error.fault === "caller") console.error(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <form onSubmit={(event) => void submit(event)}>
      {step === "password" ? (
        <>
          <label>Телефон <input name="phone" inputMode="tel" autoComplete="username" required /></label>
          <label>Пароль <input name="password" type="password" autoComplete="current-password" required /></label>
        </>
      ) : (
        <label>Код <input name="code" inputMode="numeric" autoComplete="one-time-code" required /></label>
      )}
      <button disabled={isBusy}>Войти</button>
      <p role="alert">{message}</p>
    </form>
  );
}
