"""Rewrites the documents of a model that were written in older versions, a batch at a time."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import attrs

from couchmapper import jsonio
from couchmapper.client.database import Database
from couchmapper.client.errors import failure
from couchmapper.exceptions import (
    BadRequest,
    ConfigurationError,
    DocumentConflict,
    DocumentInvalid,
    ModelError,
    NewerVersion,
    PreconditionFailed,
    ResponseError,
    TooLarge,
    UnexpectedType,
)
from couchmapper.mapping import mapper
from couchmapper.mapping.document import Document
from couchmapper.mapping.metadata import metadata_of
from couchmapper.mapping.registry import class_of, family
from couchmapper.mapping.versions import steps_of, stored_version
from couchmapper.session.progress import MigrationCheckpoint, MigrationProgress, Unmigrated
from couchmapper.session.results import REQUEST, confirmed
from couchmapper.typing import JSONObject

__all__ = ["Migration"]

_MOST_BYTES: Final = 8_000_000
_MOST_ROUNDS: Final = 10


@attrs.frozen(kw_only=True)
class _Draft:
    """A document in its new form, as text; `kind` is its type, `version` the one that it has now."""

    id: str
    kind: str
    version: int
    text: bytes


class Migration:
    """Brings the documents of a model and its subclasses to the versions of their classes, and writes them.

    Only documents of older versions are written, whole and in their new form, after they were loaded as a
    program would load them. What does not fit stays as it is, and is told. Raises `ModelError` for a model
    without a version, or whose steps do not lead to it.
    """

    def __init__(
        self, database: Database, model: type[Document], *, batch: int = 500, dry_run: bool = False
    ) -> None:
        if type(batch) is not int or batch < 1:
            raise ConfigurationError(f"a batch is a number of documents from 1 up, got {batch!r}")
        self.database = database
        self.model = model
        self.batch = batch
        self.dry_run = dry_run
        self.targets = _targets(model)
        self._checkpoint = MigrationCheckpoint(database.local, str(metadata_of(model).type), self.targets)

    def run(self, *, resume: bool = False) -> Iterator[MigrationProgress]:
        """Yield the progress before the first batch and after each; the last one is that of the whole.

        The progress is noted in the database after each batch, so that with `resume` a run goes on where
        another one ended early; one that led to other versions is begun anew. A dry run writes nothing.
        """
        progress = self._checkpoint.read() if resume else MigrationProgress()
        total: int = self.database.information()["doc_count"]
        if not resume and not self.dry_run:
            self._checkpoint.remove()
        progress = attrs.evolve(progress, total=total)
        yield progress
        for rows in self._pages(progress.last_id):
            progress = self._advance(progress, rows)
            if not self.dry_run:
                self._checkpoint.write(progress)
            yield progress
        if not self.dry_run:
            self._checkpoint.remove()

    def _pages(self, last_id: str | None) -> Iterator[Sequence[JSONObject]]:
        """Yield the rows of the database by id, those behind `last_id` alone."""
        all_docs = self.database.bulk.all_docs
        pages = (
            all_docs.pages(include_docs=True)
            if last_id is None
            else all_docs.pages(include_docs=True, start_key=last_id)
        )
        for page in pages.of(self.batch):
            rows = [row for row in page if row["id"] != last_id]
            if rows:
                yield rows

    def _advance(self, progress: MigrationProgress, rows: Sequence[JSONObject]) -> MigrationProgress:
        """Migrate one batch and return the progress behind it."""
        drafts, unmigrated = self._drafts(row["doc"] for row in rows if row.get("doc"))
        done = drafts
        if drafts and not self.dry_run:
            done, refused = self._write(drafts)
            unmigrated += refused
        counts = Counter((draft.kind, draft.version) for draft in done)
        return attrs.evolve(
            progress,
            last_id=rows[-1]["id"],
            seen=progress.seen + len(rows),
            rewritten=Counter(progress.rewritten) + counts,
            left=progress.left + len(unmigrated),
            unmigrated=tuple(unmigrated),
        )

    def _drafts(self, documents: Iterable[JSONObject]) -> tuple[list[_Draft], list[Unmigrated]]:
        """Return what is to be written of some documents, and which of them do not fit."""
        drafts: list[_Draft] = []
        unmigrated: list[Unmigrated] = []
        for json in documents:
            try:
                draft = self._draft(json)
            except (DocumentInvalid, NewerVersion) as error:
                unmigrated.append(Unmigrated(id=json["_id"], error=error))
                continue
            if draft is not None:
                drafts.append(draft)
        return drafts, unmigrated

    def _draft(self, json: JSONObject) -> _Draft | None:
        """Return a document in its new form; None for one that has it, or is of another model."""
        document_id: str = json["_id"]
        if document_id.startswith("_design/"):
            return None
        try:
            kind: type[Document] = class_of(self.model, json)
        except UnexpectedType:
            return None
        metadata = metadata_of(kind)
        if metadata.version is None or (version := stored_version(kind, json)) == metadata.version:
            return None
        text = jsonio.dumps(mapper.source_of(mapper.load(kind, json)))
        return _Draft(id=document_id, kind=str(metadata.type), version=version, text=text)

    def _write(self, drafts: Sequence[_Draft]) -> tuple[list[_Draft], list[Unmigrated]]:
        """Write documents; those that somebody else changed meanwhile are read and brought forward again."""
        done: list[_Draft] = []
        unmigrated: list[Unmigrated] = []
        for rounds_left in reversed(range(_MOST_ROUNDS)):
            again: list[str] = []
            for draft, error in self._send(drafts):
                if error is None:
                    done.append(draft)
                elif isinstance(error, DocumentConflict) and rounds_left:
                    again.append(draft.id)
                else:
                    unmigrated.append(Unmigrated(id=draft.id, error=error))
            drafts, misfits = self._read_again(again) if again else ([], [])
            unmigrated += misfits
            if not drafts:
                break
        return done, unmigrated

    def _read_again(self, ids: Sequence[str]) -> tuple[list[_Draft], list[Unmigrated]]:
        """Read the newest revisions; what was deleted or migrated by somebody else needs nothing more."""
        rows = self.database.bulk.all_docs(keys=ids, include_docs=True)["rows"]
        unread = [
            Unmigrated(id=row["key"], error=failure(row, f"POST /{{db}}/_all_docs, {row['key']!r}"))
            for row in rows
            if row.get("error") not in (None, "not_found")
        ]
        drafts, unmigrated = self._drafts(row["doc"] for row in rows if row.get("doc"))
        return drafts, unmigrated + unread

    def _send(self, drafts: Sequence[_Draft]) -> Iterator[tuple[_Draft, ResponseError | None]]:
        """Send documents and yield each with why it was not stored, if so.

        What is too much for one request, or was refused as a whole, is sent in halves: down to the document
        that is the reason.
        """
        if len(drafts) > 1 and sum(len(draft.text) for draft in drafts) > _MOST_BYTES:
            yield from self._send_halves(drafts)
            return
        try:
            results = self.database.bulk.docs.results([draft.text for draft in drafts])
        except (BadRequest, PreconditionFailed, TooLarge) as error:
            if len(drafts) > 1:
                yield from self._send_halves(drafts)
            else:
                yield from ((draft, error) for draft in drafts)
            return
        confirmed(results, [draft.id for draft in drafts])
        for draft, result in zip(drafts, results, strict=True):
            yield draft, failure(result, f"{REQUEST}, {draft.id!r}") if "error" in result else None

    def _send_halves(self, drafts: Sequence[_Draft]) -> Iterator[tuple[_Draft, ResponseError | None]]:
        middle = len(drafts) // 2
        yield from self._send(drafts[:middle])
        yield from self._send(drafts[middle:])


def _targets(model: type) -> dict[str, int]:
    """Return the versions of a model and its subclasses by type, as far as they have one."""
    targets: dict[str, int] = {}
    for kind in family(model).values() or [model]:
        steps_of(kind)
        metadata = metadata_of(kind)
        if metadata.version is not None:
            targets[str(metadata.type)] = metadata.version
    if not targets:
        raise ModelError(f"{model.__name__} has no version to migrate to; declare it with version=...")
    return targets
