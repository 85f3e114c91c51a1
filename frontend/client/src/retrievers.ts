/** Read off the retrievers by `make docs`; a test fails when it is out of step. */
export const FROM_ACTIONS: readonly string[] = ["neighbours", "co_visits", "als"];
