// Compiled only: what the scripts export is what the declarations promise.
import * as made from "../src/index.js";
import * as madeSlim from "../src/entry/slim.js";
import * as madeRedis from "../src/redis/index.js";
import type * as promised from "./index.js";
import type * as promisedRedis from "./redis.js";
import type * as promisedSlim from "./slim.js";

made satisfies typeof promised;
madeRedis satisfies typeof promisedRedis;
madeSlim satisfies typeof promisedSlim;
