/** No import map reaches a worker: the package by its address. */
import * as propusk from "/node_modules/propusk/dist/index.js";
import { outcome } from "./shared/drive.mjs";

addEventListener("connect", async ({ ports: [port] }) => port.postMessage(await outcome(propusk, "/auth/kassa")));
