"""Every table. Addresses are stored as they are written in logs; people's texts are cut by their column types."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Text
from sqlmodel import Field, SQLModel

import storage.club_tables
import storage.mail_tables  # noqa: F401 (its tables are part of the metadata, and the club's)
from storage.columns import Key, Line, Texts, UTCDateTime


class MetaRow(SQLModel, table=True):
    """Facts about the database itself: its identity, and the last revision given to a paper."""

    __tablename__ = "meta"

    name: str = Field(sa_column=Column(String(32), primary_key=True))
    value: str = Field(sa_column=Column(String(64), nullable=False))


class PaperRow(SQLModel, table=True):
    """A paper as its views were merged."""

    __tablename__ = "paper"
    __table_args__ = (
        Index(None, "day"),
        Index(None, "upvotes"),
        Index(None, "stars"),
        Index(None, "revision", unique=True),
    )

    id: str = Field(sa_column=Column(Key(32), primary_key=True))
    title: str = Field(sa_column=Column(Text, nullable=False))
    abstract: str = Field(sa_column=Column(Text, nullable=False))
    authors: tuple[str, ...] = Field(sa_column=Column(Texts, nullable=False))
    published: date | None = None
    featured: date | None = None
    day: date | None = None
    """What searches filter and sort by: featured, or else published."""
    upvotes: int
    comments: int
    ai_summary: str = Field(sa_column=Column(Text, nullable=False))
    keywords: tuple[str, ...] = Field(sa_column=Column(Texts, nullable=False))
    code_url: str | None = Field(sa_column=Column(Text))
    stars: int | None = None
    project_url: str | None = Field(sa_column=Column(Text))
    organization: str | None = Field(sa_column=Column(Text))
    thumbnail: str | None = Field(sa_column=Column(Text))
    media: tuple[str, ...] = Field(sa_column=Column(Texts, nullable=False))
    has_video: bool
    as_of: datetime = Field(sa_column=Column(UTCDateTime, nullable=False))
    """When the newest view of it was taken."""
    revision: int
    """Grows with every change: how far the search index has come is one of these."""


class ListingRow(SQLModel, table=True):
    """A list that was asked for."""

    __tablename__ = "listing"

    key: str = Field(sa_column=Column(Key(64), primary_key=True))
    fetched_at: datetime = Field(sa_column=Column(UTCDateTime, nullable=False))
    etag: str | None = Field(sa_column=Column(Text))
    settled: bool


class ListingPaperRow(SQLModel, table=True):
    """A paper's place on a list. `seen_at` is the newest view that had it: what has gone from a list stays, last."""

    __tablename__ = "listing_paper"

    listing: str = Field(sa_column=Column(Key(64), primary_key=True))
    paper: str = Field(sa_column=Column(Key(32), ForeignKey("paper.id"), primary_key=True))
    rank: int
    first_seen: datetime = Field(sa_column=Column(UTCDateTime, nullable=False))
    seen_at: datetime = Field(sa_column=Column(UTCDateTime, nullable=False))


class SubscriptionRow(SQLModel, table=True):
    """A standing order."""

    __tablename__ = "subscription"

    id: str = Field(sa_column=Column(Key(64), primary_key=True))
    channel: str = Field(sa_column=Column(Key(), nullable=False, index=True))
    edition: str = Field(sa_column=Column(String(16), nullable=False, index=True))
    terms: str = Field(sa_column=Column(Text, nullable=False))
    """JSON of what was asked, and of nothing else: defaults may change."""
    created_by: str | None = Field(sa_column=Column(Key(), index=True))
    created_by_name: str = Field(sa_column=Column(Line(200), nullable=False))
    created_at: datetime = Field(sa_column=Column(UTCDateTime, nullable=False))
    next_run_at: datetime = Field(sa_column=Column(UTCDateTime, nullable=False, index=True))
    paused: str | None = Field(sa_column=Column(Line(500)))
    covered: str | None = Field(sa_column=Column(Line(64)))


class RunRow(SQLModel, table=True):
    """How one edition of a subscription ended."""

    __tablename__ = "run"
    __table_args__ = (Index(None, "channel", "due_at"),)

    subscription: str = Field(sa_column=Column(Key(64), primary_key=True))
    edition: str = Field(sa_column=Column(Key(64), primary_key=True))
    channel: str = Field(sa_column=Column(Key(), nullable=False))
    due_at: datetime = Field(sa_column=Column(UTCDateTime, nullable=False))
    outcome: str = Field(sa_column=Column(String(16), nullable=False))
    reason: str = Field(sa_column=Column(Line(1000), nullable=False))
    posted: int
    finished_at: datetime = Field(sa_column=Column(UTCDateTime, nullable=False, index=True))
    retry_at: datetime | None = Field(sa_column=Column(UTCDateTime))


class DeliveryRow(SQLModel, table=True):
    """A message that is owed, under way, or was sent."""

    __tablename__ = "delivery"
    __table_args__ = (
        Index(None, "state", "next_attempt_at"),
        Index(None, "subscription", "edition", "part"),
        Index(None, "channel", "state"),
    )

    key: str = Field(sa_column=Column(Key(), primary_key=True))
    subscription: str = Field(sa_column=Column(Key(64), nullable=False))
    channel: str = Field(sa_column=Column(Key(), nullable=False))
    edition: str = Field(sa_column=Column(Key(64), nullable=False))
    part: int
    payload: str = Field(sa_column=Column(Text, nullable=False))
    """JSON of the post, with the ids of its papers."""
    reply_to: str | None = Field(sa_column=Column(Key()))
    state: str = Field(sa_column=Column(String(16), nullable=False))
    attempts: int
    next_attempt_at: datetime = Field(sa_column=Column(UTCDateTime, nullable=False))
    lease_until: datetime | None = Field(sa_column=Column(UTCDateTime))
    reason: str = Field(sa_column=Column(Line(1000), nullable=False))
    message: str | None = Field(sa_column=Column(Key(400)))
    sent_at: datetime | None = Field(sa_column=Column(UTCDateTime))


class DeliveryPaperRow(SQLModel, table=True):
    """A paper that a channel was sent or is owed: what was posted before is asked here."""

    __tablename__ = "delivery_paper"
    __table_args__ = (Index(None, "channel", "paper"),)

    delivery: str = Field(
        sa_column=Column(Key(), ForeignKey("delivery.key", ondelete="CASCADE"), primary_key=True)
    )
    number: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    paper: str = Field(sa_column=Column(Key(32), nullable=False))
    channel: str = Field(sa_column=Column(Key(), nullable=False))
    at: datetime = Field(sa_column=Column(UTCDateTime, nullable=False))
    """When it was promised; from the moment it is sent the delivery's `sent_at` counts."""


class ShownRow(SQLModel, table=True):
    """A paper's number in a message of ours. `id` grows: the last one in a channel is its latest."""

    __tablename__ = "shown"
    __table_args__ = (Index(None, "message", "number", unique=True), Index(None, "channel", "id"))

    id: int | None = Field(
        default=None,
        sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    )
    message: str = Field(sa_column=Column(Key(400), nullable=False))
    number: int
    paper: str = Field(sa_column=Column(Key(32), nullable=False))
    channel: str = Field(sa_column=Column(Key(), nullable=False))
    """Where it is seen: a channel or, followed by # and a person, what this one sees alone."""


class SaveRow(SQLModel, table=True):
    """One act of saving a paper."""

    __tablename__ = "save"
    __table_args__ = (
        Index(None, "workspace", "paper"),
        Index(None, "channel", "paper"),
        Index(None, "channel", "at"),
    )

    person: str = Field(sa_column=Column(Key(), primary_key=True))
    workspace: str = Field(sa_column=Column(Key(), primary_key=True))
    paper: str = Field(sa_column=Column(Key(32), primary_key=True))
    origin: str = Field(sa_column=Column(Key(500), primary_key=True))
    person_name: str = Field(sa_column=Column(Line(200), nullable=False))
    message: str | None = Field(sa_column=Column(Key(400)))
    channel: str | None = Field(sa_column=Column(Key()))
    """Where it was done."""
    at: datetime = Field(sa_column=Column(UTCDateTime, nullable=False))


class HoldingRow(SQLModel, table=True):
    """A paper in a library, kept in step with the acts of saving: one row for each who saved it, and one, with
    an empty `person`, for all of them."""

    __tablename__ = "holding"
    __table_args__ = (Index(None, "workspace", "person", "at", "paper"),)

    workspace: str = Field(sa_column=Column(Key(), primary_key=True))
    person: str = Field(sa_column=Column(Key(), primary_key=True))
    paper: str = Field(sa_column=Column(Key(32), primary_key=True))
    at: datetime = Field(sa_column=Column(UTCDateTime, nullable=False))
    """When it was first saved, as far as that stands."""


class HolderRow(SQLModel, table=True):
    """How many papers somebody holds in a library; likewise with an empty `person` for everybody."""

    __tablename__ = "holder"

    workspace: str = Field(sa_column=Column(Key(), primary_key=True))
    person: str = Field(sa_column=Column(Key(), primary_key=True))
    person_name: str = Field(sa_column=Column(Line(200), nullable=False))
    papers: int


class NoteRow(SQLModel, table=True):
    """What somebody wrote on a paper; `shared` is for the team."""

    __tablename__ = "note"
    __table_args__ = (Index(None, "workspace", "paper"),)

    person: str = Field(sa_column=Column(Key(), primary_key=True))
    workspace: str = Field(sa_column=Column(Key(), primary_key=True))
    paper: str = Field(sa_column=Column(Key(32), primary_key=True))
    person_name: str = Field(sa_column=Column(Line(200), nullable=False))
    text: str = Field(sa_column=Column(Line(4_000), nullable=False))
    shared: bool
    at: datetime = Field(sa_column=Column(UTCDateTime, nullable=False))


class TagRow(SQLModel, table=True):
    """A tag that somebody put on a paper."""

    __tablename__ = "tag"
    __table_args__ = (Index(None, "workspace", "tag", "paper"), Index(None, "workspace", "paper"))

    person: str = Field(sa_column=Column(Key(), primary_key=True))
    workspace: str = Field(sa_column=Column(Key(), primary_key=True))
    paper: str = Field(sa_column=Column(Key(32), primary_key=True))
    tag: str = Field(sa_column=Column(Key(160), primary_key=True))
    at: datetime = Field(sa_column=Column(UTCDateTime, nullable=False))


class ReadRow(SQLModel, table=True):
    """A paper that somebody has read."""

    __tablename__ = "read_mark"

    person: str = Field(sa_column=Column(Key(), primary_key=True))
    workspace: str = Field(sa_column=Column(Key(), primary_key=True))
    paper: str = Field(sa_column=Column(Key(32), primary_key=True))
    at: datetime = Field(sa_column=Column(UTCDateTime, nullable=False))


class ForgottenRow(SQLModel, table=True):
    """Somebody who asked to be forgotten, as a digest that tells nobody who it was; what stood on messages
    up to `shown` is not to be understood any more."""

    __tablename__ = "forgotten"

    digest: str = Field(sa_column=Column(Key(64), primary_key=True))
    shown: int = Field(sa_column=Column(BigInteger, nullable=False))


class OpinionRow(SQLModel, table=True):
    """Somebody said of a paper that it is for them, or not."""

    __tablename__ = "opinion"

    person: str = Field(sa_column=Column(Key(), primary_key=True))
    workspace: str = Field(sa_column=Column(Key(), primary_key=True))
    paper: str = Field(sa_column=Column(Key(32), primary_key=True))
    likes: bool
    at: datetime = Field(sa_column=Column(UTCDateTime, nullable=False))


class InstallationRow(SQLModel, table=True):
    """A workspace that installed us. `token` is encrypted."""

    __tablename__ = "installation"

    workspace: str = Field(sa_column=Column(Key(), primary_key=True))
    token: str = Field(sa_column=Column(Text, nullable=False))
    bot: str = Field(sa_column=Column(Key(64), nullable=False))
    name: str = Field(sa_column=Column(Line(200), nullable=False))
    scopes: tuple[str, ...] = Field(sa_column=Column(Texts, nullable=False))
    installed_by: str | None = Field(sa_column=Column(Key()))
    installed_by_name: str = Field(sa_column=Column(Line(200), nullable=False))
    at: datetime = Field(sa_column=Column(UTCDateTime, nullable=False))


class ReachRow(SQLModel, table=True):
    """How somebody wants to be reached. `said` is JSON of that, and of nothing else."""

    __tablename__ = "reach"

    person: str = Field(sa_column=Column(Key(), primary_key=True))
    said: str = Field(sa_column=Column(Text, nullable=False))


class HeardRow(SQLModel, table=True):
    """An event that was acted on, and when it was last let through."""

    __tablename__ = "heard"

    key: str = Field(sa_column=Column(Key(), primary_key=True))
    at: datetime = Field(sa_column=Column(UTCDateTime, nullable=False, index=True))


class LeaseRow(SQLModel, table=True):
    """Something that one process at a time may do, and until when that is this one."""

    __tablename__ = "lease"

    name: str = Field(sa_column=Column(Key(), primary_key=True))
    holder: str = Field(sa_column=Column(Key(), nullable=False))
    until: datetime = Field(sa_column=Column(UTCDateTime, nullable=False))
