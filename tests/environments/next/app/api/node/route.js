import { connection } from "next/server";
import * as propusk from "propusk";
import { outcome } from "../../../shared/drive.mjs";

export async function GET() {
  await connection();
  return Response.json(await outcome(propusk, process.env.KASSA_URL));
}
