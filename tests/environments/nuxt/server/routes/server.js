import * as propusk from "propusk";
import { outcome } from "../../app/shared/drive.mjs";

export default defineEventHandler(() => outcome(propusk, process.env.KASSA_URL));
