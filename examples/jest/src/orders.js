/** Orders that are still to be paid, the oldest first. @param {import("propusk").AuthClient<"smart-satu">} client */
async function unpaid(client) {
  const response = await client.fetch("orders");
  const problem = await client.problem(response);
  if (problem) throw problem;
  const orders = await response.json();
  return orders.filter(({ paid }) => !paid).sort((one, other) => one.day.localeCompare(other.day));
}

module.exports = { unpaid };
