/** A component that shows the session of a client, with the Vue and the package of a project. @param {{ h: any, useSession: any }} vue */
export const accountOf = ({ h, useSession }) => (/** @type {any} */ client, /** @type {string[] | undefined} */ seen = undefined) => ({
  setup() {
    const state = useSession(client);
    return () => {
      const text = `${state.status.value} ${state.session.value?.subject ?? "nobody"}`;
      seen?.push(text);
      return h("p", text);
    };
  },
});
