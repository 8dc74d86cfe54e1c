import type { AuthClient } from "propusk";

export interface Goods {
  readonly name: string;
  readonly price: number;
}

/** What costs less than that, cheapest first. */
export async function cheaperThan(client: AuthClient<"bifit-kassa">, limit: number): Promise<readonly Goods[]> {
  const response = await client.fetch("protected/goods");
  const problem = await client.problem(response);
  if (problem) throw problem;
  const goods = (await response.json()) as Goods[];
  return goods.filter(({ price }) => price < limit).sort((one, other) => one.price - other.price);
}
