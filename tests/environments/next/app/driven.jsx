"use client";

import * as propusk from "propusk";
import { useEffect, useState } from "react";
import { report } from "../shared/drive.mjs";

export function Driven() {
  const [shown, show] = useState("");
  useEffect(() => void report(propusk).then((done) => show(JSON.stringify(done))), []);
  return <output>{shown}</output>;
}
