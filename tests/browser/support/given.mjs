/** A program or folder that the command which runs the tests names. @param {string} name */
export function given(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run these tests with \`cargo xtask test browser\` or \`cargo xtask test engines\``);
  return value;
}
