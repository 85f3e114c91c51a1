"""Every counter and gauge of the job: names in Flink's metric group `recommndr`, seen through Flink's REST interface."""

GROUP = "recommndr"

EVENTS = "events_routed"
CONTAINED = "events_contained_in_seed"
DOUBTED = "events_doubted"
NOT_FOLDED = "events_late_or_identify"
ERASURES = "erasures"
SEEDS = "seeds_routed"
SEEDS_NOT_OURS = "seeds_deleted"
GENERATIONS_HEARD = "generations_announced"
DEAD_LETTERS = "dead_letters"
FOLDED = "actions_folded"
SEEDS_MERGED = "seeds_merged"
SEEDS_IGNORED = "seeds_ignored"
GENERATIONS_SHOWN = "generations_shown_by_bucket"
GENERATIONS_REFUSED = "generations_refused"
NOT_SHOWN = "actions_folded_but_not_shown"
WRITTEN = "states_written"
NO_ROOM = "actions_without_room"
ACTS = "outcome_acts"
NOTES = "notes_heard"
ACTS_UNREADABLE = "outcome_acts_unreadable"
ACTS_ON_OLD_LISTS = "outcome_acts_on_old_lists"

SEEDS_AWAITED = "seeds_awaited_by_bucket"  # a gauge

OF_ROUTE = (
    EVENTS,
    DOUBTED,
    CONTAINED,
    NOT_FOLDED,
    ERASURES,
    SEEDS,
    SEEDS_NOT_OURS,
    GENERATIONS_HEARD,
    NOTES,
    DEAD_LETTERS,
    ACTS_UNREADABLE,
    ACTS_ON_OLD_LISTS,
)
OF_FOLD = (
    FOLDED,
    CONTAINED,
    NOT_SHOWN,
    SEEDS_MERGED,
    SEEDS_IGNORED,
    GENERATIONS_SHOWN,
    GENERATIONS_REFUSED,
    DEAD_LETTERS,
    WRITTEN,
    NO_ROOM,
    ACTS,
)
