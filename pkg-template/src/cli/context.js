/**
 * What a command is given.
 *
 * @typedef {object} Context
 * @property {string[]} words
 * @property {Record<string, any>} flags
 * @property {import("./texts.js").Texts} texts
 * @property {import("./output.js").Output} output
 * @property {import("./interrupt.js").Interrupt} interrupt
 * @property {import("./account.js").Accounts} accounts
 */

/** A command: what it resolves to is its exit status. @typedef {(context: Context) => Promise<number>} Command */

export {};
