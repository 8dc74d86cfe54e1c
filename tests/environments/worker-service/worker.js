/** A service worker may import nothing later: the entry whose module comes by an address. */
import * as propusk from "/node_modules/propusk/dist/slim.js";
import { outcome } from "./shared/drive.mjs";

const loaded = () => propusk.ready(fetch("/node_modules/propusk/dist/module.wasm"));

addEventListener("message", (event) => event.waitUntil(loaded().then(() => outcome(propusk, "/auth/kassa")).then((done) => event.ports[0].postMessage(done))));
