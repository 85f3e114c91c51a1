/** Generated from the retrievers by `make docs`; a test compares the two. */
export const FROM_ACTIONS: readonly string[] = [
  "neighbours",
  "co_visits",
  "seen_together",
  "led_to_target",
  "session_neighbours",
  "als",
  "user_neighbours",
  "ease",
  "content",
];
