"use client";

import { BrowserStore, type Store, type Teller, VisitId } from "@recommndr/client";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from "react";
import { type Choice, chosen, type Shops } from "@/lib/shops";
import { Visit } from "@/lib/visit";

interface Shopping {
  /** Undefined until the shop's server has told of its shops. */
  shops: Shops | undefined;
  visit: Visit | undefined;
  choose: (tenant: string, userId?: string) => void;
}

const Context = createContext<Shopping>({ shops: undefined, visit: undefined, choose: () => {} });
const TENANT = "recommndr.tenant";
const ASK_AGAIN_MS = 3_000; // the demo opens its shops one after the other

export function useShopping(): Shopping {
  return useContext(Context);
}

export function VisitProvider({ children }: { children: ReactNode }) {
  const [store] = useState(() => new BrowserStore());
  const shops = useShops();
  const [asked, setAsked] = useState<{ tenant: unknown; userId: unknown }>();
  const choice = useMemo(() => shops && chooseFrom(shops, store, asked), [shops, store, asked]);
  const visit = useMemo(() => {
    return shops && choice
      ? new Visit(choice, new URL(shops.edge_url).origin, store, teller(choice, store))
      : undefined;
  }, [shops, choice, store]);
  useLifeOf(visit);
  const choose = useCallback(
    (tenant: string, userId?: string) => {
      store.write(TENANT, tenant);
      if (userId !== undefined) store.write(userKey(tenant), userId);
      setAsked({ tenant, userId: userId ?? store.read(userKey(tenant)) });
    },
    [store],
  );
  const shopping = useMemo(() => ({ shops, visit, choose }), [shops, visit, choose]);
  return <Context value={shopping}>{children}</Context>;
}

function useShops(): Shops | undefined {
  const [shops, setShops] = useState<Shops>();
  useEffect(() => {
    let live = true;
    let timer: ReturnType<typeof setTimeout>;
    const ask = async () => {
      const told = await fetch("/shop.json").then(
        (answer) => (answer.ok ? (answer.json() as Promise<Shops>) : undefined),
        () => undefined,
      );
      if (!live) return;
      if (told && told.shops.length > 0) setShops(told);
      else timer = setTimeout(ask, ASK_AGAIN_MS);
    };
    void ask();
    return () => {
      live = false;
      clearTimeout(timer);
    };
  }, []);
  return shops;
}

/** What waits is sent when a visit begins and when its page goes; impressions know whether the tab is in front. */
function useLifeOf(visit: Visit | undefined): void {
  useEffect(() => {
    if (!visit) return;
    visit.resume();
    const leave = () => visit.leave();
    const turned = () => visit.impressions.tabInFront(document.visibilityState === "visible");
    window.addEventListener("pagehide", leave);
    document.addEventListener("visibilitychange", turned);
    return () => {
      window.removeEventListener("pagehide", leave);
      document.removeEventListener("visibilitychange", turned);
      visit.impressions.flush();
    };
  }, [visit]);
}

function chooseFrom(shops: Shops, store: Store, asked?: { tenant: unknown; userId: unknown }): Choice | undefined {
  const tenant = asked?.tenant ?? store.read(TENANT) ?? shops.shops[0]?.tenant;
  return chosen(shops, tenant, asked?.userId ?? store.read(userKey(String(tenant))));
}

function userKey(tenant: string): string {
  return `recommndr.user.${tenant}`;
}

function teller(choice: Choice, store: Store): Teller {
  const visit = new VisitId(store, `recommndr.visit.${choice.shop.tenant}.${choice.shopper.user_id}`);
  return {
    userId: choice.shopper.user_id,
    sessionId: () => visit.current(),
    device: matchMedia("(max-width: 640px)").matches ? "mobile" : "desktop",
    page: () => location.pathname,
  };
}
