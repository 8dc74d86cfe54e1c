/** Eight processes on one store in files. */
import { scratch } from "./support/scratch.mjs";
import { swarmTests } from "./support/swarm-tests.mjs";

swarmTests("fileStore", () => ({ module: "propusk/node", make: "fileStore", options: { directory: scratch() } }));
