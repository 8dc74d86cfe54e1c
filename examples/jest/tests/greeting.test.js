/** @jest-environment jest-fixed-jsdom */
const { AuthClient } = require("propusk");
const { greeting } = require("../src/greeting.js");
const { granted, service } = require("./service.js");

test("greets who is signed in, and lets them go", async () => {
  const { fetch } = service({ "/api/user/login": granted(Date.now()) });
  const client = await AuthClient.create({ provider: "smart-satu", fetch });
  const place = document.createElement("div");
  greeting(client, place);
  expect(place.textContent).toBe("Никто не вошёл");

  await client.login({ username: "supplier", password: "qwerty" });
  expect(place.textContent).toBe("Здравствуйте, 132Выйти");

  const gone = new Promise((resolve) => client.subscribe((_, reason) => resolve(reason)));
  place.querySelector("button").click();
  expect(await gone).toBe("logout");
  expect(place.textContent).toBe("Никто не вошёл");
  client.close();
});
