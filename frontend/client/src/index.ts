/** What a shop's pages need: session, lists, events and impressions. */

export { edgeFetch, type Fetch } from "./edge.ts";
export {
  type Bought,
  type EventContext,
  interaction,
  type Kind,
  type Line,
  lineOf,
  linesOf,
  search,
} from "./events.ts";
export { freshList, looksTheSame, mayFill } from "./fresh.ts";
export { type Card, Impressions } from "./impressions.ts";
export { type Habit, type List, NO_LIST, type Place } from "./list.ts";
export { minorPerUnit, price } from "./money.ts";
export { FIELDS, type Product } from "./product.ts";
export { type Acknowledged, EventQueue, type Send, type Sent } from "./queue.ts";
export { isPersonal, reasonFor, span } from "./reasons.ts";
export { Recent, type RecentAction, type RecentKind } from "./recent.ts";
export {
  type ClientEvent,
  type ItemBundle,
  type ItemFilters,
  type Rail,
  Recommndr,
  type SearchPage,
  Unavailable,
  type Visit,
} from "./recommndr.ts";
export { Session, type Token } from "./session.ts";
export { BrowserStore, MemoryStore, readArray, type Store } from "./store.ts";
export { cut } from "./text.ts";
export { Trail } from "./trail.ts";
export { VisitId } from "./visitId.ts";
