import * as propusk from "propusk";
import { outcome } from "../shared/drive.mjs";

export const GET = async () => Response.json(await outcome(propusk, process.env.KASSA_URL));
