import { describe, expect, test } from "vitest";
import { Session } from "./session.ts";

function issuer(expires_in_s = 900) {
  let n = 0;
  const ask = async () => {
    n += 1;
    return { token: `t${n}`, expires_in_s };
  };
  return { ask, asked: () => n };
}

describe("a session", () => {
  test("keeps its token until a minute before it ends", async () => {
    let nowMs = 0;
    const { ask } = issuer();
    const session = new Session(ask, () => nowMs);
    expect(await session.token()).toBe("t1");
    nowMs = 839_000;
    expect(await session.token()).toBe("t1");
    nowMs = 841_000;
    expect(await session.token()).toBe("t2");
  });

  test("sends one request for concurrent callers", async () => {
    const { ask, asked } = issuer();
    const session = new Session(ask);
    expect(await Promise.all([session.token(), session.token(), session.token()])).toEqual(["t1", "t1", "t1"]);
    expect(asked()).toBe(1);
  });

  test("asks again after a refusal, but keeps a newer token", async () => {
    const { ask } = issuer();
    const session = new Session(ask);
    await session.token();
    session.forget("t1");
    expect(session.tokenAtHand()).toBeUndefined();
    expect(await session.token()).toBe("t2");
    session.forget("t1");
    expect(session.tokenAtHand()).toBe("t2");
  });

  test("does not ask forever for short-lived tokens", async () => {
    const { ask, asked } = issuer(10);
    const session = new Session(ask, () => 0);
    await session.token();
    await session.token();
    expect(asked()).toBe(1);
  });

  test("that failed once may succeed later", async () => {
    let works = false;
    const session = new Session(async () => {
      if (!works) throw new Error("away");
      return { token: "t", expires_in_s: 900 };
    });
    await expect(session.token()).rejects.toThrow("away");
    works = true;
    expect(await session.token()).toBe("t");
  });
});
