/** Assertions that need nothing but the language: the cases run where there is no test framework. */

/** @param {unknown} value */
const shown = (value) => {
  try {
    return JSON.stringify(value, (_, inner) => (inner === undefined ? "undefined" : typeof inner === "function" ? "a function" : inner)) ?? String(value);
  } catch {
    return String(value);
  }
};

/** @param {unknown} a @param {unknown} b @returns {boolean} */
function alike(a, b) {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || !a || !b || Array.isArray(a) !== Array.isArray(b)) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && alike(a[name], b[name]));
}

/** @param {unknown} value @param {string} [what] @returns {asserts value} */
export function ok(value, what = "a value that counts as true") {
  if (!value) throw new Error(`expected ${what}, and there is ${shown(value)}`);
}

/** That both are the same in all they hold. @param {unknown} actual @param {unknown} expected @param {string} [what] */
export function same(actual, expected, what = "") {
  if (!alike(actual, expected)) throw new Error(`${what && `${what}: `}expected ${shown(expected)}, and there is ${shown(actual)}`);
}

/** What a promise was rejected with. @param {Promise<unknown>} promise @returns {Promise<any>} */
export function failure(promise) {
  return promise.then(
    (value) => {
      throw new Error(`expected a rejection, and it resolved with ${shown(value)}`);
    },
    (error) => error,
  );
}

/** That a promise is rejected with an error of that code: the error. @param {Promise<unknown>} promise @param {string} code @param {string} [what] */
export async function refused(promise, code, what = "") {
  const error = await failure(promise);
  if (error?.code !== code) throw new Error(`${what && `${what}: `}expected ${code}, and there is ${error?.code ?? error}`, { cause: error });
  return error;
}

/** What a function throws. @param {() => unknown} call @returns {any} */
export function thrown(call) {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error("expected it to throw");
}
