/** Certificates of an authority of our own, made by openssl for one test file; gone when the process ends. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** As `openssl ca` wants to be told where things are; only it can make a certificate that is over. */
const SETTINGS = `
[ca]
default_ca = own
[own]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
`;
const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

export function authority() {
  const folder = mkdtempSync(join(tmpdir(), "propusk-certificates-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const openssl = (/** @type {string[]} */ ...args) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  writeFileSync(join(folder, "ca.cnf"), SETTINGS);
  writeFileSync(join(folder, "index.txt"), "");
  writeFileSync(join(folder, "serial"), "01\n");
  openssl("req", "-x509", ...KEY, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=propusk test authority", "-days", "2");
  let names = 0;
  const read = (/** @type {string} */ name) => readFileSync(join(folder, name));

  return {
    /** The authority's own certificate, as a file. */
    file: join(folder, "ca.pem"),
    /**
     * A certificate that the authority has signed.
     *
     * @param {{ names?: string, over?: boolean }} [how] `names` as openssl writes them; `over`: its time has passed
     */
    signed({ names: own = "IP:127.0.0.1", over = false } = {}) {
      const name = `leaf-${++names}`;
      openssl("req", ...KEY, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", "/CN=service", "-addext", `subjectAltName=${own}`);
      const dates = over ? ["-startdate", "20200101000000Z", "-enddate", "20200201000000Z"] : ["-days", "2"];
      openssl("ca", "-batch", "-notext", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key", "-in", `${name}.csr`, "-out", `${name}.pem`, ...dates);
      return { key: read(`${name}.key`), cert: read(`${name}.pem`) };
    },
    /** A certificate that has signed itself. */
    selfSigned() {
      const name = `self-${++names}`;
      openssl("req", "-x509", ...KEY, "-keyout", `${name}.key`, "-out", `${name}.pem`, "-subj", "/CN=service", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2");
      return { key: read(`${name}.key`), cert: read(`${name}.pem`) };
    },
  };
}
