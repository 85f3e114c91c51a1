/** Read off the retrievers by `make docs`; a test fails when it is out of step. */
export const FROM_DEEDS: readonly string[] = ["neighbours", "co_visits", "als"];
