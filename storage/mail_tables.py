"""The tables of e-mail; `storage.tables` loads them with its own."""

from datetime import datetime

from sqlalchemy import Column, Index, String, Text
from sqlmodel import Field, SQLModel

from storage.columns import Key, Line, UTCDateTime


class InvitationRow(SQLModel, table=True):
    """An e-mail address that was asked whether it wants mail; kept for a while, so that it is not asked too often."""

    __tablename__ = "mail_invitation"
    __table_args__ = (Index(None, "address", "at"), Index(None, "person", "at"))

    id: str = Field(sa_column=Column(Key(32), primary_key=True))
    address: str = Field(sa_column=Column(Key(), nullable=False))
    person: str = Field(sa_column=Column(Key(), nullable=False))
    person_name: str = Field(sa_column=Column(Line(200), nullable=False))
    channel: str = Field(sa_column=Column(Key(), nullable=False))
    shared: bool
    edition: str = Field(sa_column=Column(String(16), nullable=False))
    terms: str = Field(sa_column=Column(Text, nullable=False))
    at: datetime = Field(sa_column=Column(UTCDateTime, nullable=False, index=True))
    guesses: int
    """Codes that were tried."""
    closed_at: datetime | None = Field(sa_column=Column(UTCDateTime))


class ConsentRow(SQLModel, table=True):
    """An e-mail address that said yes, to whom, and where that one had asked."""

    __tablename__ = "mail_consent"
    __table_args__ = (Index(None, "person"), Index(None, "channel"))

    address: str = Field(sa_column=Column(Key(), primary_key=True))
    person: str = Field(sa_column=Column(Key(), primary_key=True))
    person_name: str = Field(sa_column=Column(Line(200), nullable=False))
    channel: str = Field(sa_column=Column(Key(), nullable=False))
    shared: bool
    at: datetime = Field(sa_column=Column(UTCDateTime, nullable=False))
