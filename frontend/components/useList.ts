"use client";

import type { List } from "@recommndr/client";
import { useEffect, useState } from "react";
import { ListFollower } from "@/lib/listFollower";
import type { Visit } from "@/lib/visit";

/**
 * The result of `ask`: undefined while it is loading, null when there is none; a failed request is repeated.
 * A list that follows a visit is requested again when the platform has acknowledged an action.
 */
export function useList(ask: (() => Promise<List>) | undefined, following?: Visit): List | undefined | null {
  const [state, setState] = useState<{ ask: typeof ask; list: List | null }>();
  useEffect(() => {
    if (!ask) return;
    const follower = new ListFollower(ask, (list) => setState({ ask, list }), following?.stored ?? { nEvents: 0 });
    const stop = following?.onAcknowledged(() => void follower.refresh());
    return () => {
      stop?.();
      follower.stop();
    };
  }, [ask, following]);
  return state?.ask === ask ? state?.list : undefined;
}
