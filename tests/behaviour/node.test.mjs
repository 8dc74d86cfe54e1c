/** The cases in this Node. */
import { after, test } from "node:test";
import { load } from "../support/package.mjs";
import { cases, runCase } from "./cases.mjs";
import { services } from "./support/setting.mjs";

const [{ given, stop }, propusk] = await Promise.all([services(), load()]);
after(stop);

for (const one of cases) {
  test(`Node: ${one.name}`, async () => {
    const { error } = await runCase(one, { propusk, ...given });
    if (error) throw new Error(error);
  });
}
