"""A classifier as a JSON document; the estimator inside as skops writes it, never as a pickle.

Only types that are listed here or that skops trusts by itself are read back. The release of
scikit-learn must be the one that wrote the file: its estimators do not promise more.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import re
import zipfile
from dataclasses import asdict
from typing import Any, Final

import numpy as np

from crmanalytics.churn.encoding import Encoder
from crmanalytics.churn.sigmoid import Calibrator
from crmanalytics.errors import FormatError, MissingExtraError, ParameterError

__all__ = ["classifier_from_dict", "classifier_to_dict"]

_SCHEMA: Final = 1
_PARAMETERS: Final = ("calibration", "calibration_share", "folds", "time", "groups", "random_state")
# what boosting holds beside the types that skops trusts: plain arrays of trees, and its loss
_ALLOWED: Final = frozenset(
    {
        "sklearn._loss._loss.CyHalfBinomialLoss",
        "sklearn._loss.link.Interval",
        "sklearn._loss.link.LogitLink",
        "sklearn._loss.loss.HalfBinomialLoss",
        "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    }
)
_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)  # the first moment that an archive can name


def _skops() -> Any:  # noqa: ANN401 - a module
    try:
        import skops.io
    except ImportError as error:
        raise MissingExtraError(
            "a churn classifier is kept in a file by skops, which is not installed: "
            "pip install 'crmanalytics[churn]'"
        ) from error
    return skops.io


def classifier_to_dict(classifier: Any) -> dict[str, Any]:  # noqa: ANN401 - a ChurnClassifier
    """Return a fitted classifier as plain JSON values."""
    import sklearn

    store = _skops()
    content = store.dumps(classifier.estimator_)
    unknown = sorted(set(store.get_untrusted_types(data=content)) - _ALLOWED)
    if unknown:
        raise ParameterError(
            f"{type(classifier.estimator_).__name__} holds types that are not safe to read back "
            f"({', '.join(unknown)}), and cannot be saved."
        )
    names = getattr(classifier, "feature_names_in_", None)
    given = classifier.estimator
    return {
        "schema": _SCHEMA,
        "scikit_learn": sklearn.__version__,
        "parameters": {
            "estimator": given if isinstance(given, str) else None,
            **{name: getattr(classifier, name) for name in _PARAMETERS},
        },
        "classes": np.asarray(classifier.classes_).tolist(),
        "features": classifier.n_features_in_,
        "named": names is not None,
        "encoder": classifier.encoder_.to_dict(),
        "calibrator": asdict(classifier.calibrator_),
        "mean": np.asarray(classifier.mean_).tolist(),
        "training": classifier.training_,
        "estimator": base64.b64encode(_settled(content)).decode(),
    }


def classifier_from_dict(cls: type[Any], body: dict[str, Any]) -> Any:  # noqa: ANN401
    """Make a classifier of what :func:`classifier_to_dict` returned."""
    import sklearn

    if body["schema"] != _SCHEMA:
        raise FormatError(
            f"classifiers of schema {body['schema']!r} are not read by this release, which reads "
            f"{_SCHEMA}: fit again, or use the release that wrote it"
        )
    if body["scikit_learn"] != sklearn.__version__:
        raise FormatError(
            f"the classifier was saved with scikit-learn {body['scikit_learn']}, and "
            f"{sklearn.__version__} is installed: install that release, or fit again"
        )
    inner = _estimator(body["estimator"])
    given = dict(body["parameters"])
    kind = given.pop("estimator")
    made = cls(inner if kind is None else kind, **{name: given[name] for name in _PARAMETERS})
    encoder = Encoder.from_dict(body["encoder"])
    mean = np.array(body["mean"], dtype=np.float64)
    if not len(mean) == len(encoder.owner) == inner.n_features_in_:
        raise FormatError("the estimator does not fit the columns that were learnt")
    if len(body["classes"]) != 2 or len(encoder.columns) != body["features"]:
        raise FormatError("the classes or the features do not fit the classifier")
    fitted = {
        "classes_": np.array(body["classes"]),
        "encoder_": encoder,
        "estimator_": inner,
        "calibrator_": Calibrator.from_dict(body["calibrator"]),
        "mean_": mean,
        "training_": dict(body["training"]),
        "n_features_in_": int(body["features"]),
    }
    if body["named"]:
        names = [column.name for column in encoder.columns]
        fitted["feature_names_in_"] = np.array(names, dtype=object)
    vars(made).update(fitted)
    return made


def _estimator(text: str) -> Any:  # noqa: ANN401 - an estimator
    store = _skops()
    try:
        content = base64.b64decode(text, validate=True)
        unknown = sorted(set(store.get_untrusted_types(data=content)) - _ALLOWED)
        if unknown:
            raise FormatError(f"types that are not allowed: {', '.join(unknown)}")
        inner = store.loads(content, trusted=sorted(_ALLOWED))
    except (binascii.Error, zipfile.BadZipFile, KeyError, EOFError) as error:
        raise FormatError(f"the estimator inside is damaged: {error}") from error
    if not (hasattr(inner, "predict_proba") and hasattr(inner, "n_features_in_")):
        raise FormatError("what is inside is no fitted classifier")
    return inner


def _settled(content: bytes) -> bytes:
    """Return an archive of skops in which nothing depends on the moment or on addresses."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    schema = parts.pop("schema.json").decode()
    found = re.findall(r'"__id__": (\d+)', schema) + [name.partition(".")[0] for name in parts]
    number = {each: str(place) for place, each in enumerate(dict.fromkeys(found), start=1)}
    schema = re.sub(r'(?<="__id__": )\d+', lambda each: number[each[0]], schema)
    schema = re.sub(r'(?<=")\d+(?=\.np[yz]")', lambda each: number[each[0]], schema)
    named = {
        f"{number[name.partition('.')[0]]}.{name.partition('.')[2]}": held
        for name, held in parts.items()
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, held in sorted({**named, "schema.json": _plain(schema)}.items()):
            archive.writestr(zipfile.ZipInfo(name, _EARLIEST), held, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _plain(schema: str) -> bytes:
    return json.dumps(json.loads(schema), sort_keys=True).encode()
