// What is used of the frameworks, which are not installed here. Programs that use these entries are compiled against
// the frameworks' own types in tests/frameworks.

declare module "react" {
  export function useSyncExternalStore<T>(subscribe: (changed: () => void) => () => void, read: () => T, readOnServer: () => T): T;
}

declare module "vue" {
  export interface Ref<T> {
    value: T;
  }
  export function shallowRef<T>(value: T): Ref<T>;
  export function toRaw<T>(value: T): T;
  export function getCurrentInstance(): object | null;
  export const hasInjectionContext: undefined | (() => boolean);
  export function getCurrentScope(): object | undefined;
  export function onMounted(run: () => void): void;
  export function onScopeDispose(run: () => void): void;
}
