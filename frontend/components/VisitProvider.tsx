"use client";

import { BrowserStore, type EventContext, type Store, VisitId } from "@recommndr/client";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from "react";
import { type Choice, chosen, type Shops } from "@/lib/shops";
import { Visit } from "@/lib/visit";
import { useShops } from "./useShops";

interface Shopping {
  /** Undefined until the shop's server has answered. */
  shops: Shops | undefined;
  visit: Visit | undefined;
  choose: (tenant: string, userId?: string) => void;
  /** Development: come back as a new guest. */
  becomeNew: () => void;
}

const Context = createContext<Shopping>({ shops: undefined, visit: undefined, choose: () => {}, becomeNew: () => {} });
const TENANT = "recommndr.tenant";

export function useShopping(): Shopping {
  return useContext(Context);
}

export function VisitProvider({ children }: { children: ReactNode }) {
  const [store] = useState(() => new BrowserStore());
  const { shops, refresh, outdated } = useShops();
  const [asked, setAsked] = useState<{ tenant: unknown; userId: unknown }>();
  const choice = useMemo(() => shops && chooseFrom(shops, store, asked), [shops, store, asked]);
  const visit = useMemo(() => {
    if (!shops || !choice) return undefined;
    return new Visit(choice, new URL(shops.edge_url).origin, store, eventContext(choice, store), outdated);
  }, [shops, choice, store, outdated]);
  useLifeOf(visit);
  const choose = useCallback(
    (tenant: string, userId?: string) => {
      store.write(TENANT, tenant);
      if (userId !== undefined) store.write(userKey(tenant), userId);
      setAsked({ tenant, userId: userId ?? store.read(userKey(tenant)) });
    },
    [store],
  );
  const becomeNew = useCallback(() => {
    const tenant = choice?.shop.tenant;
    if (tenant === undefined) return;
    void fetch("/session", { method: "DELETE" }).then(() => {
      choose(tenant, "");
      refresh();
    });
  }, [choice, choose, refresh]);
  const shopping = useMemo(() => ({ shops, visit, choose, becomeNew }), [shops, visit, choose, becomeNew]);
  return <Context value={shopping}>{children}</Context>;
}

/** Sends waiting events when a visit begins and when its page is closed; tells impressions whether the tab is in front. */
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

function eventContext({ shop, userId }: Choice, store: Store): EventContext {
  const visit = new VisitId(store, `recommndr.visit.${shop.tenant}.${userId}`);
  return {
    userId,
    sessionId: () => visit.current(),
    device: matchMedia("(max-width: 640px)").matches ? "mobile" : "desktop",
    page: () => location.pathname,
  };
}
