"""The texts that a condition names for one member: `==`, `in_`, and alternatives of these."""

from couchmapper.mango.nodes import And, Condition, Expression, Or, Path

__all__ = ["named_texts"]


def named_texts(node: Expression, path: Path) -> frozenset[str] | None:
    """Return the only texts that a member has in documents that fulfil a condition; None if it does not tell.

    Texts count by their characters, and values that are no texts not at all.
    """
    match node:
        case Condition(field, "$eq", value) if field == path:
            return _texts([value])
        case Condition(field, "$in", values) if field == path:
            return _texts(values)
        case And(operands):
            known = [found for one in operands if (found := named_texts(one, path)) is not None]
            return frozenset.intersection(*known) if known else None
        case Or(operands):
            alternatives = [named_texts(one, path) for one in operands]
            known = [found for found in alternatives if found is not None]
            return frozenset().union(*known) if len(known) == len(alternatives) else None
    return None


def _texts(values: list[object]) -> frozenset[str]:
    return frozenset(value for value in values if isinstance(value, str))
