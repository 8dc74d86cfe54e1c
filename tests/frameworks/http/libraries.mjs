/** The libraries as the recipes join them to a client. Each way: the method and path in, the status and the answer's text out. */
import axios from "axios";
import got from "got";
import { GraphQLClient, gql } from "graphql-request";
import ky from "ky";
import createClient from "openapi-fetch";

/**
 * @param {import("propusk").AuthClient} client
 * @param {string} base
 */
export function libraries(client, base) {
  const bearer = async () => `Bearer ${await client.getAccessToken()}`;

  const adapted = axios.create({ adapter: "fetch", baseURL: base, env: { fetch: client.fetch } });

  const intercepted = axios.create({ baseURL: base });
  intercepted.interceptors.request.use(async (config) => {
    config.headers.set("Authorization", await bearer());
    return config;
  });
  intercepted.interceptors.response.use(undefined, async (error) => {
    const { config, response } = error;
    if (response?.status !== 401 || config.isRepeated) throw error;
    if (config.headers.get("Authorization") === (await bearer())) await client.getAccessToken({ forceRefresh: true });
    return intercepted.request({ ...config, isRepeated: true });
  });

  const kyed = ky.create({ fetch: client.fetch, prefixUrl: base });

  const hooked = got.extend({
    prefixUrl: base,
    hooks: {
      beforeRequest: [
        async (options) => {
          options.headers.authorization = await bearer();
        },
      ],
      afterResponse: [
        async (response, retryWithMergedOptions) => {
          if (response.statusCode !== 401) return response;
          const sent = response.request.options.headers.authorization;
          if (sent === (await bearer())) await client.getAccessToken({ forceRefresh: true });
          return retryWithMergedOptions({});
        },
      ],
    },
  });

  const opened = createClient({ baseUrl: base, fetch: client.fetch });

  return {
    "axios by its fetch adapter": async () => (await adapted.post("protected/goods", { name: "tea" })).data.echo,
    "axios by interceptors": async () => (await intercepted.post("protected/goods", { name: "tea" })).data.echo,
    ky: async () => (await kyed.post("protected/goods", { json: { name: "tea" } }).json()).echo,
    got: async () => (await hooked.post("protected/goods", { json: { name: "tea" } }).json()).echo,
    "openapi-fetch": async () => (await opened.POST("/protected/goods", { body: { name: "tea" } })).data.echo,
    "graphql-request": async () => {
      // The service speaks no GraphQL, so what comes back is looked at on its way.
      let echo;
      const graph = new GraphQLClient(`${base}/protected/graphql`, {
        fetch: client.fetch,
        responseMiddleware: () => {},
        jsonSerializer: { stringify: JSON.stringify, parse: (text) => ({ data: ({ echo } = JSON.parse(text)) }) },
      });
      await graph.request(gql`{ name }`);
      return echo;
    },
  };
}
