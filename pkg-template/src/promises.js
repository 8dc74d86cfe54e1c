/** The package's own tasks go on a promise of the realm as it was at first: tests replace `queueMicrotask`, timers and more. */

const settled = Promise.resolve();
const then = settled.then;

/** Runs a task in a later turn. @param {() => void} task */
export function later(task) {
  then.call(settled, task);
}
