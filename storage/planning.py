"""Writing a plan down: a run once, its deliveries once, and the subscription's next run in any case."""

from sqlalchemy import delete, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.domain.deliveries import Delivery, Outcome, Plan
from storage.addresses import address
from storage.database import Database
from storage.tables import DeliveryPaperRow, DeliveryRow, RunRow, SubscriptionRow
from storage.texts import dump_post


async def write_plan(database: Database, session: AsyncSession, plan: Plan) -> bool:
    """In the caller's transaction; False when there was nothing left to plan."""
    subscription = await session.get(SubscriptionRow, plan.run.subscription, with_for_update=True)
    if subscription is None:
        return False
    subscription.next_run_at = plan.next_run_at
    if plan.covered is not None:
        subscription.covered = plan.covered
    if not await _write_run(database, session, plan, subscription.channel):
        return False
    known = select(DeliveryRow.key).where(
        col(DeliveryRow.key).in_([delivery.key for delivery in plan.deliveries])
    )
    before = set(await session.exec(known))
    new = [delivery for delivery in plan.deliveries if delivery.key not in before]
    session.add_all(_row(delivery) for delivery in new)
    await session.flush()
    session.add_all(
        DeliveryPaperRow(
            delivery=delivery.key,
            number=number,
            paper=paper,
            channel=address(delivery.channel),
            at=plan.run.finished_at,
        )
        for delivery in new
        for number, paper in delivery.papers.items()
    )
    return True


async def _write_run(database: Database, session: AsyncSession, plan: Plan, channel: str) -> bool:
    """The run's key lets one planner in; after it, only a run that was waiting is written anew.

    A run that waited under another key has come to its end with this one.
    """
    run = plan.run
    waited = delete(RunRow).where(
        col(RunRow.subscription) == run.subscription,
        col(RunRow.edition) != run.edition,
        col(RunRow.outcome) == Outcome.WAITING,
    )
    await session.exec(waited)
    values = {
        "channel": channel,
        "due_at": run.due_at,
        "outcome": run.outcome,
        "reason": run.reason,
        "posted": run.posted,
        "finished_at": run.finished_at,
        "retry_at": run.retry_at,
    }
    key = {"subscription": run.subscription, "edition": run.edition}
    insert = database.insert(RunRow).values(**key, **values).on_conflict_do_nothing()
    if (await session.exec(insert)).rowcount == 1:
        return True
    waiting = update(RunRow).where(
        col(RunRow.subscription) == run.subscription,
        col(RunRow.edition) == run.edition,
        col(RunRow.outcome) == Outcome.WAITING,
    )
    return (await session.exec(waiting.values(**values))).rowcount == 1


def _row(delivery: Delivery) -> DeliveryRow:
    return DeliveryRow(
        key=delivery.key,
        subscription=delivery.subscription,
        channel=address(delivery.channel),
        edition=delivery.edition,
        part=delivery.part,
        payload=dump_post(delivery.post),
        reply_to=delivery.reply_to,
        state=delivery.state,
        attempts=delivery.attempts,
        next_attempt_at=delivery.next_attempt_at,
        lease_until=None,
        message=None,
        sent_at=None,
        reason=delivery.reason,
    )
