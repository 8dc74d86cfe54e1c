import { getCurrentInstance, getCurrentScope, onMounted, onScopeDispose, shallowRef, toRaw } from "vue";
import { LOADING, sessionOf } from "./session.js";

/** @param {import("./session.js").Client} client */
export function useSession(client) {
  const { subscribe, read } = sessionOf(toRaw(client));
  const session = shallowRef(LOADING.session);
  const status = shallowRef(LOADING.status);
  const update = () => {
    ({ session: session.value, status: status.value } = read());
  };

  /** @type {(() => void) | undefined} */
  let stop;
  const start = () => {
    stop = subscribe(update);
    update();
  };
  // In a component not before it is mounted: a server mounts nothing, and what it has rendered has to be found again.
  if (getCurrentInstance()) onMounted(start);
  else if (typeof document !== "undefined") start();
  if (getCurrentScope()) onScopeDispose(() => stop?.());
  return { session, status };
}
