import { Driven } from "./driven.jsx";

export default function Page() {
  return <Driven />;
}
