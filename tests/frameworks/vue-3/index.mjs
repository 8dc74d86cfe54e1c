export * as vue from "vue";
export { renderToString } from "vue/server-renderer";
export { useSession } from "propusk/vue";
