import { type List, Recommndr, Session } from "@recommndr/client";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FIRST_RETRY_MS, LAST_RETRY_MS, ListFollower } from "./listFollower";

type Answer = { ladder: string; ids: string[] } | "away" | "not ready";

const lists = (...ids: string[]): Answer => ({ ladder: "full", ids });
const staticList = (...ids: string[]): Answer => ({ ladder: "static", ids });

/** A platform with given answers, the last one for ever, and what a follower of its best-sellers shows. */
function following(...answers: Answer[]) {
  let nAsked = 0;
  const send = async () => {
    const answer = answers[Math.min(nAsked, answers.length - 1)] ?? "away";
    nAsked += 1;
    if (answer === "away") throw new TypeError("failed to fetch");
    if (answer === "not ready") return Response.json({ status: 503 }, { status: 503 });
    const items = answer.ids.map((item_id) => ({ item_id, title: item_id, sources: [], reason: "" }));
    return Response.json({ request_id: `r${nAsked}`, items, ladder: answer.ladder });
  };
  const platform = new Recommndr("http://edge", new Session(async () => ({ token: "t", expires_in_s: 900 })), send);
  const shown: (string[] | null)[] = [];
  const idsOf = (list: List) => list.places.map((place) => place.product.item_id);
  const follower = new ListFollower(
    () => platform.popular(20),
    (list) => shown.push(list && idsOf(list)),
    { nEvents: 0 },
  );
  return { follower, shown, asked: () => nAsked };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe("a list", () => {
  test.each(["away", "not ready", staticList()] as Answer[])(
    "is asked for again, and nothing is shown, while the answer is %j",
    async (answer) => {
      const { shown, asked } = following(answer, answer, lists("a", "b"));
      await pass(0);
      expect([shown, asked()]).toEqual([[null], 1]);
      await pass(FIRST_RETRY_MS);
      expect([shown, asked()]).toEqual([[null, null], 2]);
      await pass(2 * FIRST_RETRY_MS);
      expect(shown.at(-1)).toEqual(["a", "b"]);
      await pass(10 * LAST_RETRY_MS);
      expect(asked()).toBe(3);
    },
  );

  test.each([lists(), lists("a"), staticList("a")])("is final when it is %j", async (answer) => {
    const { shown, asked } = following(answer);
    await pass(10 * LAST_RETRY_MS);
    expect(asked()).toBe(1);
    expect(shown).toHaveLength(1);
    expect(shown[0]).not.toBeNull();
  });

  test("is asked for more and more rarely, and at last every 20 s", async () => {
    const { asked } = following(staticList());
    await pass(0);
    await pass(2_000 + 4_000 + 8_000 + 16_000);
    expect(asked()).toBe(5);
    await pass(3 * LAST_RETRY_MS);
    expect(asked()).toBe(8);
  });

  test("is not asked for any more once nobody follows it", async () => {
    const { follower, asked } = following("away");
    await pass(0);
    follower.stop();
    await pass(10 * LAST_RETRY_MS);
    expect(asked()).toBe(1);
  });
});
