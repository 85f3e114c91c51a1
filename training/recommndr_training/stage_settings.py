"""The settings of a stage of one profile. What `params.yaml` names wins over what stage tune chose, that over the tenant's
own values, and those over the defaults in the stage's code."""

from typing import Any

from recommndr_training import params, stage_files

CHOSEN = "tune/chosen.json"  # by stage: the settings that tune changed


def settings(profile: str, stage: str, **of_tenant: float) -> dict[str, Any]:
    """Settings of a stage that are not its defaults; `of_tenant` are those that follow from the tenant's policy."""
    return of_tenant | chosen(profile).get(stage, {}) | params.section(profile, stage)


def counting(profile: str, stage: str, **of_tenant: float) -> dict[str, Any]:
    """The same for a stage that decays what shoppers did: by the tenant's half-life where nothing else is said."""
    return settings(profile, stage, half_life_days=params.data(profile).policy.purchase_half_life_days, **of_tenant)


def chosen(profile: str) -> dict[str, dict[str, Any]]:
    """What tune chose for the profile; nothing before it ran."""
    path = params.profile_dir(profile) / CHOSEN
    return stage_files.load_json(path) if path.exists() else {}
