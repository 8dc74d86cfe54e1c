import * as vue from "vue";
import { LOADING, sessionOf } from "./session.js";

/** @param {import("./session.js").Client} client */
export function useSession(client) {
  const { subscribe, read } = sessionOf(vue.toRaw(client));
  const session = vue.shallowRef(LOADING.session);
  const status = vue.shallowRef(LOADING.status);
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
  if (vue.getCurrentInstance()) vue.onMounted(start);
  else if (!isServer()) start();
  if (vue.getCurrentScope()) vue.onScopeDispose(() => stop?.());
  return { session, status };
}

/** Whether an app is being rendered where there is no page. A script or test that uses Vue's refs alone has no app. */
function isServer() {
  // Vue before 3.3 cannot say.
  return typeof document === "undefined" && vue.hasInjectionContext?.() !== false;
}
