/** A program of CommonJS: the steps. */
const propusk = require("propusk");

const given = JSON.parse(process.env.SANDBOX);
import("./shared/drive.mjs")
  .then(({ outcome }) => outcome(propusk, given.services["bifit-kassa"].baseUrl))
  .then((driven) => console.log(JSON.stringify(driven)));
