import { useSession } from "propusk/react";
import { Goods } from "./Goods.js";
import { SignIn } from "./SignIn.js";
import { client } from "./session.js";

export function App() {
  const { session, status } = useSession(client);
  if (status === "loading") return <p>...</p>;
  if (!session) return <SignIn />;
  return (
    <>
      <p>
        {session.subject} <button onClick={() => void client.logout()}>Выйти</button>
      </p>
      <Goods />
    </>
  );
}
