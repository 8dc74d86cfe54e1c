/** Opens an address where there is a browser. */
import process from "node:process";

/** @param {string} address @returns {Promise<boolean>} whether there is one to open it */
export async function open(address) {
  const [program, ...args] = browser() ?? [];
  if (program === undefined) return false;
  const { spawn } = await import("node:child_process");
  try {
    const child = spawn(program, [...args, address], { detached: true, stdio: "ignore", windowsHide: true });
    child.on("error", () => {});
    child.unref();
    return true;
  } catch {
    return false;
  }
}

/** @returns {string[] | null} */
function browser() {
  const { env, platform } = process;
  if (env.BROWSER === "none") return null;
  if (platform === "darwin") return ["open"];
  // `start` is a word of a shell that takes addresses apart.
  if (platform === "win32") return ["rundll32", "url.dll,FileProtocolHandler"];
  if (env.BROWSER) return [env.BROWSER];
  return env.DISPLAY || env.WAYLAND_DISPLAY ? ["xdg-open"] : null;
}
