"""A page with plots: how what the challenger of a release is served differs from what the stable arm is."""

import base64
import io
from html import escape

import numpy as np
from matplotlib.figure import Figure

from recommndr.drift.between_arms import ArmDrift, Beside, drift_of
from recommndr.drift.distances import Floats
from recommndr.drift.windows import ReleaseKey, Windows
from recommndr.identity import TenantId
from recommndr_training.live.served_topic import ServedAnswers

_N_PLOTS = 12
_N_BARS = 30
_HEAD = ("column", "PSI", "KS", "median of stable", "of challenger", "unknown in stable", "in challenger")
_STYLE = "body{font:15px sans-serif;margin:2em}td,th{padding:2px 12px;text-align:right}td:first-child{text-align:left}"


class NothingBeside(RuntimeError):
    """No release had both arms with enough shoppers."""


def newest_release(tenant: TenantId, found: ServedAnswers) -> tuple[ReleaseKey, Beside]:
    """The newest release with both arms, in the last hour that has answers; raises `NothingBeside`."""
    windows = Windows()
    for user_id, answer in found.served:
        windows.add(tenant, user_id, answer)
    if found.served:
        windows.forget(found.served[-1].answer.at_s)
    releases = windows.besides()
    if not releases:
        raise NothingBeside(
            f"no release of tenant {tenant!r} had fifty shoppers in both slots within an hour: look while one is under way"
        )
    return list(releases.items())[-1]


def page(key: ReleaseKey, arms: Beside) -> str:
    """The report as HTML with its plots inside."""
    drift = drift_of(arms)
    furthest = sorted(arms.columns, key=lambda name: -max(drift.psi[name], drift.ks[name]))
    head = "".join(f"<th>{one}</th>" for one in _HEAD)
    rows = "".join(_row(name, drift, *_values(arms, name)) for name in furthest)
    title = f"Drift of {escape(key.tenant)}, release {escape(key.release)}"
    parts = [
        f'<!doctype html><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>',
        f"<h1>{title}</h1><p>{_told(drift)}</p>",
        f'<img alt="distributions of the furthest columns" src="data:image/png;base64,{_plots(arms, drift, furthest)}">',
        f"<table><tr>{head}</tr>{rows}</table>",
    ]
    return "\n".join(parts)


def _told(drift: ArmDrift) -> str:
    return (
        f"{drift.n_shoppers} shoppers of each slot, as many of both in every five minutes of an hour; one candidate of each. "
        f"Scores: PSI {drift.psi_of_scores:.2f}, KS {drift.ks_of_scores:.2f}. First and last score of a list are "
        f"{drift.gap_of_challenger:.2f} deviations of scores apart in the challenger, {drift.gap_of_stable:.2f} in the other."
    )


def _values(arms: Beside, name: str) -> tuple[Floats, Floats]:
    place = arms.columns.index(name)
    return arms.stable.inputs[:, place], arms.challenger.inputs[:, place]


def _row(name: str, drift: ArmDrift, *of_arms: Floats) -> str:
    medians = [f"{np.median(known):.4g}" if len(known := _known(values)) else "none" for values in of_arms]
    unknown = [f"{np.mean(np.isnan(values)):.1%}" for values in of_arms]
    cells = (escape(name), f"{drift.psi[name]:.3f}", f"{drift.ks[name]:.3f}", *medians, *unknown)
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _known(values: Floats) -> Floats:
    return values[np.isfinite(values)]


def _plots(arms: Beside, drift: ArmDrift, furthest: list[str]) -> str:
    """The scores and the furthest columns, stable and challenger over each other, as PNG in base64."""
    shown = [("score", arms.stable.scores[:, 0], arms.challenger.scores[:, 0])]
    shown += [(name, *_values(arms, name)) for name in furthest[: _N_PLOTS - 1]]
    figure = Figure(figsize=(16, 3.2 * -(-len(shown) // 4)), layout="constrained")
    for number, (name, stable, challenger) in enumerate(shown, 1):
        axes = figure.add_subplot(-(-len(shown) // 4), 4, number)
        both = _known(np.concatenate([stable, challenger]))
        low, high = np.quantile(both, [0.01, 0.99]).tolist() if len(both) else (0.0, 0.0)
        if low < high:
            for values, label in ((stable, "stable"), (challenger, "challenger")):
                axes.hist(_known(values).clip(low, high), bins=_N_BARS, range=(low, high), histtype="step", label=label)
        axes.set_title(name if name == "score" else f"{name}: PSI {drift.psi[name]:.2f}, KS {drift.ks[name]:.2f}", fontsize=10)
        if number == 1:
            axes.legend()
    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=80)
    return base64.b64encode(png.getvalue()).decode()
