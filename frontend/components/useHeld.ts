"use client";

import { type FocusEvent, type PointerEvent, useEffect, useRef, useState } from "react";

const NOBODY = { mouse: false, finger: false, keyboard: false };

/**
 * Holds a list unchanged while somebody uses it: the mouse is over it, a finger touched it last, or it has the
 * keyboard focus. Otherwise a second click would hit another product. A newer list is shown when they leave.
 */
export function useHeld<T>(value: T | null | undefined) {
  const [busy, setBusy] = useState(NOBODY);
  const [kept, setKept] = useState(value);
  const isHeld = busy.mouse || busy.finger || busy.keyboard;
  const shown = isHeld && kept && value ? kept : value;
  if (shown !== kept) setKept(shown);
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!busy.finger) return;
    // A finger does not leave as a mouse does, so a touch elsewhere counts as leaving.
    const leave = ({ target }: Event) => {
      if (target instanceof Node && box.current?.contains(target)) return;
      setBusy((before) => ({ ...before, finger: false }));
    };
    document.addEventListener("pointerdown", leave);
    return () => document.removeEventListener("pointerdown", leave);
  }, [busy.finger]);
  const note = (change: Partial<typeof NOBODY>) => setBusy((before) => ({ ...before, ...change }));
  const hands = {
    ref: box,
    onPointerEnter: ({ pointerType }: PointerEvent) => pointerType !== "touch" && note({ mouse: true }),
    onPointerLeave: ({ pointerType }: PointerEvent) => pointerType !== "touch" && note({ mouse: false }),
    onPointerDown: ({ pointerType }: PointerEvent) => pointerType === "touch" && note({ finger: true }),
    onFocus: ({ target }: FocusEvent) => target.matches(":focus-visible") && note({ keyboard: true }),
    onBlur: ({ currentTarget, relatedTarget }: FocusEvent) =>
      !currentTarget.contains(relatedTarget) && note({ keyboard: false }),
  };
  return { shown, hands };
}
