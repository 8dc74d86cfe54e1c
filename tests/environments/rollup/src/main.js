import * as propusk from "propusk";
import { report } from "./shared/drive.mjs";

report(propusk);
