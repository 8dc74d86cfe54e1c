/** A worker: the relay, the steps, the cases. */
import * as propusk from "propusk";
import { createRelay } from "propusk/relay";
import { runAll } from "./shared/behaviour/cases.mjs";
import { outcome } from "./shared/drive.mjs";

let relay;

export default {
  async fetch(request, env) {
    const given = JSON.parse(env.SANDBOX);
    const { baseUrl } = given.services["bifit-kassa"];
    switch (new URL(request.url).pathname) {
      case "/drive":
        return Response.json(await outcome(propusk, baseUrl));
      case "/cases":
        return Response.json(await runAll({ propusk, ...given }));
      default:
        relay ??= createRelay({ mount: "/auth/kassa", provider: { provider: "bifit-kassa", baseUrl }, api: ["protected/"] });
        return (await relay)(request);
    }
  },
};
