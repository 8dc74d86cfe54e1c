/** The service as these tests need it: a function in the place of `fetch`. */
export interface Service {
  /** Requests of each path, in order. */
  readonly asked: string[];
  readonly fetch: typeof fetch;
}

/** @param answers by the end of the path; a list is used up from its beginning */
export function service(answers: Record<string, (() => Response)[]>): Service {
  const asked: string[] = [];
  return {
    asked,
    fetch: async (address, init) => {
      const { pathname } = new URL(String(address));
      asked.push(`${init?.method ?? "GET"} ${pathname}`);
      const [, left] = Object.entries(answers).find(([path]) => pathname.endsWith(path)) ?? [];
      const answer = left && left.length > 1 ? left.shift() : left?.[0];
      return answer ? answer() : new Response(null, { status: 404 });
    },
  };
}

export const granted = () =>
  Response.json({ access_token: "granted", refresh_token: "again", expires_in: 3600, token_type: "bearer", user_id: 120041 });

export const refused = (code: string) => () => Response.json({ error: code, error_description: "no" }, { status: 400 });
