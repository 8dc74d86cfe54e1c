/** A program of ES modules: the steps, then the cases. */
import * as propusk from "propusk";
import { runAll } from "./shared/behaviour/cases.mjs";
import { outcome } from "./shared/drive.mjs";

const given = JSON.parse(process.env.SANDBOX);
const driven = await outcome(propusk, given.services["bifit-kassa"].baseUrl);
console.log(JSON.stringify({ ...driven, cases: await runAll({ propusk, ...given }) }));
