import * as propusk from "propusk";
import { outcome } from "../../../shared/drive.mjs";

export const runtime = "edge";

export async function GET() {
  return Response.json(await outcome(propusk, process.env.KASSA_URL));
}
