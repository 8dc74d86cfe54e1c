"use client";

import { userMessage } from "propusk/messages";
import { useSession } from "propusk/react";
import { useState } from "react";
import { client } from "./session.js";

export function Account() {
  const { session, status } = useSession(client);
  if (status === "loading") return <p>...</p>;
  return session ? <Goods subject={session.subject} /> : <SignIn />;
}

function SignIn() {
  const [message, setMessage] = useState("");

  async function submit(event) {
    event.preventDefault();
    const { phone, password } = Object.fromEntries(new FormData(event.currentTarget));
    try {
      await client.login({ username: phone, password });
    } catch (error) {
      setMessage(userMessage(error, "ru"));
    }
  }

  return (
    <form onSubmit={(event) => void submit(event)}>
      <label>Телефон <input name="phone" inputMode="tel" autoComplete="username" required /></label>
      <label>Пароль <input name="password" type="password" autoComplete="current-password" required /></label>
      <button>Войти</button>
      <p role="alert">{message}</p>
    </form>
  );
}

function Goods({ subject }) {
  const [shown, setShown] = useState("");

  async function load() {
    try {
      const response = await client.fetch("protected/goods");
      setShown(`${response.status} ${await response.text()}`);
    } catch (error) {
      setShown(userMessage(error, "ru"));
    }
  }

  return (
    <>
      <p>
        {subject} <button onClick={() => void client.logout()}>Выйти</button>
      </p>
      <button onClick={() => void load()}>Показать товары</button>
      <output>{shown}</output>
    </>
  );
}
