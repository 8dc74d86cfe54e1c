/** What the figures were measured on, and when: they mean nothing without. */
import { readFileSync } from "node:fs";
import { arch, cpus, platform, totalmem } from "node:os";
import { join } from "node:path";
import { project } from "../tests/support/package.mjs";

const [{ model }] = cpus();
const { version } = JSON.parse(readFileSync(join(project(), "node_modules/propusk/package.json"), "utf8"));
const memory = Math.round(totalmem() / 2 ** 30);
const date = new Date().toISOString().slice(0, 10);
console.log(`propusk ${version}, ${date}: ${cpus().length} × ${model.trim()}, ${memory} GiB, ${platform()}-${arch()}, Node ${process.versions.node}`);
