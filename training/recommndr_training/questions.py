"""The two questions that methods are judged by, each alone, and the scopes whose lists follow from each."""

from collections.abc import Mapping

from recommndr.list_scope import Scope

ALL, NEW = "all", "new"  # all items; items new to the shopper
QUESTIONS = (ALL, NEW)
SCOPES: dict[str, tuple[Scope, ...]] = {ALL: ("mixed", "buy_again"), NEW: ("discover", "unseen")}


def scope_methods(methods: Mapping[str, str]) -> dict[Scope, str]:
    """By scope, what orders its lists where that is not the method for all items; from methods by question.

    >>> scope_methods({"all": "ranker", "new": "als"})
    {'discover': 'als', 'unseen': 'als'}
    >>> scope_methods({"all": "ranker", "new": "ranker"})
    {}
    """
    return {scope: methods[NEW] for scope in SCOPES[NEW]} if methods[NEW] != methods[ALL] else {}


def methods_by_question(method: str, of_scopes: Mapping[Scope, str]) -> dict[str, str]:
    """By question, what orders its lists; from what a manifest says.

    >>> methods_by_question("ranker", {"discover": "als", "unseen": "als"})
    {'all': 'ranker', 'new': 'als'}
    """
    return {question: of_scopes.get(scopes[0], method) for question, scopes in SCOPES.items()}


def method_of(methods: Mapping[str, str], requests: str) -> str:
    """The method that orders the lists of a set of requests: repeats and visits get those of all items.

    >>> method_of({"all": "ranker", "new": "als"}, "repeat")
    'ranker'
    """
    return methods.get(requests, methods[ALL])


def told(methods: Mapping[str, str]) -> str:
    """For people: which method orders which lists.

    >>> told({"all": "ranker", "new": "als"})
    'ranker, those of new items (discover, unseen) by als'
    """
    of_new = scope_methods(methods)
    return methods[ALL] + (f", those of new items ({', '.join(of_new)}) by {methods[NEW]}" if of_new else "")
