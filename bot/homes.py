"""Everybody's Home: published whole when it is opened, and changed in place when something in it is pressed."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TypeVar

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.bridge import Bridge
from bot.identity import Identity
from bot.views import examples as view
from bot.views.home import GLANCE, at_a_glance, home
from bot.workspace import Workspace
from core.bootstrap import Services
from core.curation import review
from core.curation.overview import glance
from core.knowledge.channels import members_are_stale
from core.knowledge.slack_payloads import Payload
from core.records.reviews import Listing
from core.records.workspaces import PUBLIC

_Read = TypeVar("_Read")

_REMEMBERED = 500
"""Homes that a dialog may still change in place; others are published whole."""

_SETTLED_SHOWN = 5


class Homes:
    """Shows Home to people."""

    def __init__(
        self, client: AsyncWebClient, services: Services, bridge: Bridge, workspace: Workspace, me: Identity
    ) -> None:
        self._client = client
        self._services = services
        self._bridge = bridge
        self._workspace = workspace
        self._me = me
        self._shown: OrderedDict[str, list[Payload]] = OrderedDict()

    async def open(self, person_id: str) -> None:
        """Show all of it as it is now."""
        await self._workspace.know_person(person_id)
        run, workspace_id = self._bridge.run, self._me.workspace_id
        reviewing, record = self._services.reviewing, self._services.record
        reviews = await run(review.may_review, record, reviewing, workspace_id, person_id)
        figures = await run(glance, record, workspace_id)
        kinds = (Listing.WAITING, Listing.HELD, Listing.MINE) if reviews else (Listing.MINE,)
        lists = [block for kind in kinds for block in await self.listing(person_id, kind)]
        await self._publish(person_id, _plain(home(self._me.bot_user_id, figures, lists)))

    async def listing(self, person_id: str, kind: Listing, cursor: str = "") -> list[Block]:
        """A page of one list. Raises NotAllowed where the list is not this person's to see."""
        return view.listing(kind, await self._about(review.page, person_id, kind, cursor))

    async def turn(self, person_id: str, shown: Sequence[Payload], kind: Listing, cursor: str) -> None:
        """Show another page of one list; the rest of Home stays as it is."""
        await self._replace(person_id, shown, f"{kind}:", await self.listing(person_id, kind, cursor))

    async def settle(self, person_id: str, example_id: str, sentence: str, shown: Sequence[Payload] = ()) -> None:
        """Say in an example's place what became of it. Once all that is shown of a list is settled, its rest follows.

        `shown` are the blocks that the person looks at; without them those that were published last.
        """
        blocks = list(shown) or self._shown.get(person_id)
        if blocks is None:
            await self.open(person_id)
            return
        kinds = [kind for kind in Listing if any(_is_of(block, f"{kind}:{example_id}:") for block in blocks)]
        for kind in kinds:
            blocks = _replaced(blocks, f"{kind}:{example_id}:", _plain(view.settled(kind, example_id, sentence)))
        for kind in kinds:
            blocks = await self._followed(person_id, kind, blocks)
        figures = await self._bridge.run(glance, self._services.record, self._me.workspace_id)
        await self._publish(person_id, _replaced(blocks, GLANCE, _plain(at_a_glance(figures))))

    async def _followed(self, person_id: str, kind: Listing, blocks: list[Payload]) -> list[Payload]:
        """The blocks with this list brought up to date around what was settled in it."""
        if not view.any_open(blocks, kind):
            said = [block for block in _of(blocks, kind) if str(block["block_id"]).endswith(":settled")]
            rest = _plain(await self.listing(person_id, kind))
            return _replaced(blocks, f"{kind}:", [rest[0], *said[-_SETTLED_SHOWN:], *rest[1:]])
        if not any(_is_of(block, f"{kind}:place") for block in blocks):
            return blocks
        place = await self._about(review.place, person_id, kind, view.shown_of(blocks, kind))
        return _replaced(blocks, f"{kind}:place", _plain(view.place(kind, place)))

    async def _replace(self, person_id: str, shown: Sequence[Payload], prefix: str, by: Sequence[Block]) -> None:
        await self._publish(person_id, _replaced(shown, prefix, _plain(by)))

    async def _publish(self, person_id: str, blocks: list[Payload]) -> None:
        self._shown[person_id] = blocks
        self._shown.move_to_end(person_id)
        while len(self._shown) > _REMEMBERED:
            self._shown.popitem(last=False)
        await self._client.views_publish(user_id=person_id, view=View(type="home", blocks=blocks))

    async def _about(self, read: Callable[..., _Read], person_id: str, kind: Listing, which: str | list[str]) -> _Read:
        """What `read` says of one list to this person, who may see as much as Slack says for sure."""
        closed = await self._unsure() if kind is not Listing.MINE else frozenset()
        told = (self._services.record, self._services.reviewing, self._me.workspace_id, person_id, kind, which, closed)
        return await self._bridge.run(read, *told)

    async def _unsure(self) -> frozenset[str]:
        """Channels with examples whose members are not known for sure just now."""
        stale = await self._bridge.run(self._stale)
        return await self._workspace.read_members(stale)

    def _stale(self) -> list[str]:
        workspace_id, record = self._me.workspace_id, self._services.record
        with record() as work:
            audiences = work.reviews.audiences(workspace_id) - {PUBLIC}
            private = {
                channel.id for channel in work.workspaces.channels(workspace_id) if channel.audience == channel.id
            }
        max_age_s = self._services.settings.membership_max_age_s
        return [each for each in audiences & private if members_are_stale(record, workspace_id, each, max_age_s)]


def _plain(blocks: Sequence[Block]) -> list[Payload]:
    return [block.to_dict() for block in blocks]


def _is_of(block: Payload, prefix: str) -> bool:
    return str(block.get("block_id", "")).startswith(prefix)


def _of(blocks: Sequence[Payload], kind: Listing) -> list[Payload]:
    return [block for block in blocks if _is_of(block, f"{kind}:")]


def _replaced(blocks: Sequence[Payload], prefix: str, by: list[Payload]) -> list[Payload]:
    """The blocks with those of this prefix, which stand together, replaced."""
    first = next((place for place, block in enumerate(blocks) if _is_of(block, prefix)), len(blocks))
    before = [block for block in blocks[:first] if not _is_of(block, prefix)]
    return [*before, *by, *(block for block in blocks[first:] if not _is_of(block, prefix))]
