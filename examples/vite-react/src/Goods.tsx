import { userMessage } from "propusk/messages";
import { useEffect, useState } from "react";
import { client } from "./session.js";

export function Goods() {
  const [shown, setShown] = useState("...");

  useEffect(() => {
    const controller = new AbortController();
    client
      .fetch("protected/goods", { signal: controller.signal })
      .then(async (response) => setShown(`${response.status} ${await response.text()}`))
      .catch((error: unknown) => {
        if (!controller.signal.aborted) setShown(userMessage(error, "ru"));
      });
    return () => controller.abort();
  }, []);

  return <output>{shown}</output>;
}
