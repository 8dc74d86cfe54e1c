import { AuthClient } from "propusk";
import { userMessage } from "propusk/messages";
import { fileStore } from "propusk/node";
import { connection } from "next/server";

const storage = fileStore({ directory: process.env.SESSIONS }); // ~/.local/state/propusk where there is none

/** Goods by an account of the server's own: signed in once, and shared by all requests and processes through the store. */
export async function GET() {
  await connection(); // not while building: a session depends on the time
  const client = await AuthClient.create({ provider: "bifit-kassa", baseUrl: process.env.KASSA_URL, storage });
  try {
    if (!client.session) await client.login({ username: process.env.KASSA_PHONE, password: process.env.KASSA_PASSWORD });
    const answer = await client.fetch("protected/goods");
    return new Response(answer.body, { status: answer.status, headers: { "content-type": "application/json" } });
  } catch (error) {
    console.error(error);
    return Response.json({ error: userMessage(error, "ru") }, { status: 502 });
  } finally {
    client.close(); // the stored session stays
  }
}
