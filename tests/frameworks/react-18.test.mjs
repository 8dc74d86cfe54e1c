import { reactTests } from "./support/react.mjs";

await reactTests("react-18");
