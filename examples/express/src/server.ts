/** A back end whose users sign in to BIFIT Kassa: their tokens never reach the page. */
import { fileURLToPath } from "node:url";
import express, { type NextFunction, type Request, type Response } from "express";
import { isAuthError } from "propusk";
import { userMessage } from "propusk/messages";
import { as, forgetUser, newUser, rememberUser, userOf } from "./clients.js";

const app = express();
app.use(express.static(fileURLToPath(new URL("../public", import.meta.url))));
app.use(express.json());

app.post("/login", async (request, response) => {
  const { phone, password } = (request.body ?? {}) as { phone: string; password: string };
  const user = newUser(); // at every login
  const session = await as(user, (client) => client.login({ username: phone, password }));
  const former = userOf(request);
  if (former) await as(former, (client) => client.logout());
  rememberUser(response, user);
  response.json({ subject: session.subject });
});

app.get("/goods", async (request, response) => {
  const user = userOf(request);
  if (!user) {
    response.status(401).json({ error: userMessage("login_required", languageOf(request)) });
    return;
  }
  const { status, body } = await as(user, async (client) => {
    const answer = await client.fetch("protected/goods");
    return { status: answer.status, body: await answer.text() };
  });
  response.status(status).type("json").send(body);
});

app.post("/logout", async (request, response) => {
  const user = userOf(request);
  if (user) await as(user, (client) => client.logout());
  forgetUser(response);
  response.json({});
});

/** Says what went wrong to the person, and the rest to the log. */
app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
  const fault = isAuthError(error) ? error.fault : "caller";
  if (fault !== "user") console.error(error);
  const status = isAuthError(error, "invalid_input") ? 400 : { user: 401, caller: 500, storage: 500, provider: 502, network: 502 }[fault];
  if (isAuthError(error) && error.retryAfter) response.set("Retry-After", String(Math.ceil(error.retryAfter / 1000)));
  response.status(status).json({ error: userMessage(error, languageOf(request)) });
});

function languageOf(request: Request): string {
  return request.acceptsLanguages("ru", "en") || "en";
}

const server = app.listen(Number(process.env["PORT"] ?? 3000), "127.0.0.1", () => {
  const address = server.address();
  console.log(`http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/`);
});
