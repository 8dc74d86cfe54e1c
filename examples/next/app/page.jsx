import { Account } from "./account.jsx";

/** Rendered on the server, where nobody is signed in yet: the client component there says that it is loading. */
export default function Page() {
  return (
    <main>
      <h1>Товары</h1>
      <Account />
    </main>
  );
}
