"""The tables of journal clubs: what is nominated, who votes, when people meet."""

from datetime import date, datetime

from sqlalchemy import Column, Index, String
from sqlmodel import Field, SQLModel

from storage.columns import Key, Line, UTCDateTime


class NominationRow(SQLModel, table=True):
    """A paper that was nominated in a channel. `meeting` is the one it was picked for."""

    __tablename__ = "club_nomination"
    __table_args__ = (Index(None, "message"), Index(None, "nominated_by"))

    channel: str = Field(sa_column=Column(Key(), primary_key=True))
    paper: str = Field(sa_column=Column(Key(32), primary_key=True))
    nominated_by: str | None = Field(sa_column=Column(Key()))
    nominated_by_name: str = Field(sa_column=Column(Line(200), nullable=False))
    at: datetime = Field(sa_column=Column(UTCDateTime, nullable=False))
    message: str | None = Field(sa_column=Column(Key(400)))
    """The one that asks for votes."""
    meeting: str | None = Field(sa_column=Column(Key(64)))


class VoteRow(SQLModel, table=True):
    """One act of voting for a nominated paper."""

    __tablename__ = "club_vote"
    __table_args__ = (Index(None, "person"),)

    channel: str = Field(sa_column=Column(Key(), primary_key=True))
    paper: str = Field(sa_column=Column(Key(32), primary_key=True))
    person: str = Field(sa_column=Column(Key(), primary_key=True))
    origin: str = Field(sa_column=Column(Key(500), primary_key=True))
    at: datetime = Field(sa_column=Column(UTCDateTime, nullable=False))


class MeetingRow(SQLModel, table=True):
    """When a channel discusses a paper, or did. `day` and `hour` are local in `tz`."""

    __tablename__ = "club_meeting"
    __table_args__ = (Index(None, "channel", "day"), Index(None, "picked_by"))

    id: str = Field(sa_column=Column(Key(64), primary_key=True))
    channel: str = Field(sa_column=Column(Key(), nullable=False))
    paper: str = Field(sa_column=Column(Key(32), nullable=False))
    day: date
    hour: str = Field(sa_column=Column(String(5), nullable=False))
    tz: str = Field(sa_column=Column(String(64), nullable=False))
    minutes: int
    picked_by: str | None = Field(sa_column=Column(Key()))
    picked_by_name: str = Field(sa_column=Column(Line(200), nullable=False))
    picked_at: datetime = Field(sa_column=Column(UTCDateTime, nullable=False))
    votes: int
    ended_at: datetime | None = Field(sa_column=Column(UTCDateTime))
