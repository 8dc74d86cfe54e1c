/** Lists goods, and stays signed in: the session lies in a file, where the next run finds it. */
import { AuthClient } from "propusk";
import { userMessage } from "propusk/messages";
import { fileStore } from "propusk/node";

const client = await AuthClient.create({
  provider: "bifit-kassa",
  baseUrl: process.env.KASSA_URL, // the service's own address where there is none
  storage: fileStore({ directory: process.env.SESSIONS }), // ~/.local/state/propusk where there is none
  onWarning: (warning) => console.warn(warning.message),
});

try {
  if (client.session) {
    console.log(`still signed in as ${client.session.subject}`);
  } else {
    const { subject } = await client.login({ username: process.env.KASSA_PHONE, password: process.env.KASSA_PASSWORD });
    console.log(`signed in as ${subject}`);
  }
  const response = await client.fetch("protected/goods");
  console.log(response.status, await response.text());
} catch (error) {
  console.error(userMessage(error, process.env.LANG));
  console.error(error);
  process.exitCode = 1;
} finally {
  client.close(); // the file stays
}
