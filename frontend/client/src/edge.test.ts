import { describe, expect, test } from "vitest";
import { edgeFetch } from "./edge.ts";
import { Session } from "./session.ts";

const request = () => new Request("http://edge/recommend", { method: "POST", body: "{}" });

function session() {
  let n = 0;
  return new Session(async () => {
    n += 1;
    return { token: `t${n}`, expires_in_s: 900 };
  });
}

describe("a request to the edge", () => {
  test("carries the shopper's token", async () => {
    const seen: (string | null)[] = [];
    const send = edgeFetch(session(), 1000, async (sent) => {
      seen.push(sent.headers.get("authorization"));
      return new Response("{}");
    });
    await send(request());
    expect(seen).toEqual(["Bearer t1"]);
  });

  test("is tried once more with a new token after a 401, with the same body", async () => {
    const seen: string[] = [];
    const send = edgeFetch(session(), 1000, async (sent) => {
      seen.push(`${sent.headers.get("authorization")} ${await sent.text()}`);
      return new Response("", { status: 401 });
    });
    expect((await send(request())).status).toBe(401);
    expect(seen).toEqual(["Bearer t1 {}", "Bearer t2 {}"]);
  });

  test("ends after its time limit, whatever it waits for", async () => {
    const never = new Promise<never>(() => {});
    const slowEdge = edgeFetch(session(), 20, () => never);
    const slowShop = edgeFetch(new Session(() => never), 20, async () => new Response());
    const unlessAborted = (signal: AbortSignal) =>
      new Promise<Response>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    const listening = edgeFetch(session(), 20, (sent) => unlessAborted(sent.signal));
    await expect(slowShop(request())).rejects.toThrow(/timeout/);
    await expect(listening(request())).rejects.toThrow(/timeout/);
    await expect(slowEdge(request())).rejects.toThrow(/timeout/);
  });
});
