"""What type checkers see of the hooks and class arguments of a model. Checked, never run."""

from typing import Any, assert_type

from couchmapper import Document, Mapped
from couchmapper.mapping.lifecycle import LifecycleHook


class Note(Document, partition="shelf", on_conflict="merge"):
    shelf: Mapped[str]
    text: Mapped[str]


class Letter(Note, on_conflict=lambda conflict: conflict):
    to: Mapped[str]


class Other(Document, on_conflict="ours"):  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    pass


@Note.before_save
def trim(note: Note) -> None:
    assert_type(note.text, str)


@Letter.after_load
def read(letter: Note) -> str:
    return letter.text


Letter.after_save(lambda letter: letter.to)
Letter.before_delete(trim)
Note.after_delete(print)


@Note.before_save  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
def refused(letter: Letter) -> None:
    """A hook of a model is given every document of it, not only those of a subclass."""


hook: LifecycleHook[Letter] = trim
anything: LifecycleHook[Any] = trim
trim(Note(shelf="a", text="b"))
