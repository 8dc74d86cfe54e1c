// Compiled only: what the scripts export is what the declarations promise.
import * as made from "../src/index.js";
import * as madeSlim from "../src/entry/slim.js";
import * as madeReact from "../src/frameworks/react.js";
import * as madeVue from "../src/frameworks/vue.js";
import * as madeMessages from "../src/messages/index.js";
import * as madeRedis from "../src/redis/index.js";
import * as madeRelay from "../src/relay/index.js";
import type * as promised from "./index.js";
import type * as promisedMessages from "./messages.js";
import type * as promisedReact from "./react.js";
import type * as promisedRedis from "./redis.js";
import type * as promisedRelay from "./relay.js";
import type * as promisedSlim from "./slim.js";
import type * as promisedVue from "./vue.js";

made satisfies typeof promised;
madeMessages satisfies typeof promisedMessages;
madeReact satisfies typeof promisedReact;
madeRedis satisfies typeof promisedRedis;
madeRelay satisfies typeof promisedRelay;
madeSlim satisfies typeof promisedSlim;
madeVue satisfies typeof promisedVue;
