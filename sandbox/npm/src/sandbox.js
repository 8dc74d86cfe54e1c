/** The five services in this process. */
import { fault } from "./fault.js";
import { listen } from "./listen.js";
import { Machine } from "./machine.js";
import { oneOf } from "./mistake.js";
import { instance } from "./module.js";
import { read } from "./options.js";
import { serve } from "./serve.js";

/** Test runners with realms of their own may lack it: then it is what compilers take in its place. */
const DISPOSE = Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose");

/**
 * @param {unknown} [given] the options
 * @param {((line: string) => void) | null} [log] takes what the services say of each request
 */
export async function start(given, log = null) {
  const { ports, defaults } = read(given);
  const Services = await instance();
  const machine = new Machine(log);
  /** @type {(services: InstanceType<typeof Services>) => void} */
  let begin = () => {};
  const begun = /** @type {Promise<InstanceType<typeof Services>>} */ (new Promise((resolve) => (begin = resolve)));
  let last = 0;
  const { origins, close } = await listen(ports, async (port, request, response) => {
    const number = ++last;
    await serve(await begun, number, port, request, response);
  });
  const [, ...places] = origins;
  const services = new Services(machine, defaults, places);
  begin(services);

  /** @type {{ name: string, baseUrl: string, accounts: unknown }[]} */
  const table = JSON.parse(Services.services(places));
  const names = table.map(({ name }) => name);
  const known = (/** @type {unknown} */ service) => oneOf("service", names, service);
  /** @type {Promise<void> | undefined} */
  let closed;
  const end = () => {
    machine.stop();
    return (closed ??= close());
  };
  return {
    control: origins[0],
    sandbox: Object.freeze({
      urls: Object.freeze(Object.fromEntries(table.map(({ name, baseUrl }) => [name, baseUrl]))),
      accounts: frozen(Object.fromEntries(table.map(({ name, accounts }) => [name, accounts]))),
      /** @param {string} service @param {unknown} what */
      fault(service, what) {
        known(service);
        services.fault(fault(service, what));
      },
      /** @param {string} service */
      expire(service) {
        known(service);
        services.expire(service);
      },
      /** @param {string} service */
      revoke(service) {
        known(service);
        services.revoke(service);
      },
      /** @param {string} [service] */
      requests(service) {
        if (service !== undefined) known(service);
        return frozen(JSON.parse(services.requests(service)));
      },
      reset: () => services.reset(),
      close: end,
      [DISPOSE]: end,
    }),
  };
}

/** To its depth. @template T @param {T} value @returns {T} */
function frozen(value) {
  if (typeof value === "object" && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}
