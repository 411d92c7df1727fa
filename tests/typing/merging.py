"""What type checkers see of merge rules and of what a merge gives. Checked, never run."""

from decimal import Decimal
from typing import assert_type

from couchmapper import Document, Mapped, field
from couchmapper.mapping.merging import Rules, merge_rules
from couchmapper.session.merge import Clash, Merged, merge
from couchmapper.session.patch import patch
from couchmapper.typing import JSONObject


def longer(base: str | None, mine: str, theirs: str) -> str:
    return max(mine, theirs, key=len) if base is None else base


def of_two(mine: str, theirs: str) -> str:
    return mine + theirs


class Product(Document):
    tags: Mapped[set[str]] = field(factory=set, merge="union")
    stock: Mapped[Decimal] = field(default=Decimal(0), merge="add")
    title: Mapped[str] = field(default="", merge=longer)
    label: Mapped[str] = field(default="", merge=lambda base, mine, theirs: mine or theirs or base)
    wrong: Mapped[str] = field(merge="sum")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    worse: Mapped[str] = field(merge=of_two)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


rules = merge_rules(Product)
merged = merge(None, {"_id": "1"}, {"_id": "1"}, rules)

assert_type(rules, Rules)
assert_type(merged, Merged)
assert_type(merged.value, JSONObject)
assert_type(merged.clashes, tuple[Clash, ...])
assert_type(merged.clashes[0].path, str)
assert_type(patch({}, {}), list[JSONObject])
