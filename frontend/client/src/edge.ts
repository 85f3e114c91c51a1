/** `fetch` to the platform with the shopper's token and a time limit; after a 401 it tries once more with a new token. */

import type { Session } from "./session.ts";

export type Fetch = (request: Request) => Promise<Response>;

export function edgeFetch(session: Session, timeoutMs: number, send: Fetch = (request) => fetch(request)): Fetch {
  return async (request) => {
    const limit = AbortSignal.timeout(timeoutMs);
    const signal = AbortSignal.any([request.signal, limit]);
    const body = request.body === null ? undefined : await request.text();
    const attempt = async (): Promise<[Response, string]> => {
      const token = await within(session.token(), signal);
      const headers = new Headers(request.headers);
      headers.set("authorization", `Bearer ${token}`);
      const sent = new Request(request.url, { method: request.method, headers, body, signal });
      return [await within(send(sent), signal), token];
    };
    const [answer, token] = await attempt();
    if (answer.status !== 401) return answer;
    session.forget(token);
    return (await attempt())[0];
  };
}

/** The promise's value; rejects when the signal aborts first. */
function within<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    promise.then(resolve, reject);
  });
}
