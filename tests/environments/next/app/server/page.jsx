import { connection } from "next/server";
import * as propusk from "propusk";
import { outcome } from "../../shared/drive.mjs";

/** A server component. */
export default async function Page() {
  await connection();
  return <output>{Buffer.from(JSON.stringify(await outcome(propusk, process.env.KASSA_URL))).toString("base64")}</output>;
}
