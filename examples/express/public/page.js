const output = document.querySelector("output");

async function ask(path, body) {
  const method = path === "/goods" ? "GET" : "POST";
  const response = await fetch(path, { method, ...(body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }) });
  const answer = await response.json();
  output.textContent = response.ok ? JSON.stringify(answer) : answer.error;
}

document.querySelector("form").onsubmit = (event) => {
  event.preventDefault();
  void ask("/login", Object.fromEntries(new FormData(event.target)));
};
document.querySelector("#goods").onclick = () => ask("/goods");
document.querySelector("#logout").onclick = () => ask("/logout");
