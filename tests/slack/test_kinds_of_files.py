"""Files of every kind that Slack knows: in threads and direct messages, canvases, e-mails, and what lies elsewhere."""

from pathlib import Path

from bot.sandbox import files, messages
from bot.sandbox.messages import Draft
from bot.sandbox.model import Channel, SharedFile
from core.knowledge.embedding import Embedder
from core.records.files import FileState
from tests.slack.past import finished, invite, made, say, typing
from tests.slack.sandbox_fixtures import until
from tests.slack.sharing import recorded, share
from tests.slack.workplace import Scripted, Workplace, workplace


def quotes(place: Workplace, file: SharedFile, channel: Channel) -> str:
    with place.services.record() as work:
        [document] = work.documents.of_file(place.workspace_id, file.id)
        return "\n".join(f"{each.source}: {each.text}" for each in work.passages.of(document.id))


async def test_canvases_are_read_and_read_again_when_they_change(tmp_path: Path, minilm: Embedder) -> None:
    async with workplace(tmp_path, minilm) as place:
        general = place.sandbox.channel("general")
        canvas = share(
            place,
            general,
            "canvas_0815",
            b"# Parking\n\nThe code is 7731.",
            mode="quip",
            title="Visitors' guide",
            mimetype="application/vnd.slack-docs",
        )
        await place.findable()
        assert "Visitors' guide, Parking: The code is 7731." in quotes(place, canvas, general)
        files.rewrite(
            place.sandbox.workspace, place.sandbox.context.file_store, canvas, b"# Parking\n\nThe code is 4444."
        )
        await place.everything_heard()
        await place.findable()
        await until(lambda: "4444" in quotes(place, canvas, general), 20)
        assert "7731" not in quotes(place, canvas, general)


async def test_what_lies_elsewhere_is_found_by_its_link_and_never_fetched(tmp_path: Path, minilm: Embedder) -> None:
    async with workplace(tmp_path, minilm) as place:
        general = place.sandbox.channel("general")
        sheet = share(
            place,
            general,
            "sheet",
            b"not ours to fetch",
            mode="external",
            is_external=True,
            external_type="gdrive",
            title="Budget 2026",
            url_private="https://docs.example.com/budget",
        )
        await place.findable()
        file = recorded(place, sheet)
        assert file is not None
        assert file.state is FileState.LINKED
        assert quotes(place, sheet, general) == "Budget 2026: Budget 2026 (https://docs.example.com/budget)"
        assert not (tmp_path / "files" / place.workspace_id / sheet.id).exists()


async def test_snippets_emails_and_files_in_threads_and_direct_messages(tmp_path: Path, minilm: Embedder) -> None:
    async with workplace(tmp_path, minilm) as place:
        general = place.sandbox.channel("general")
        root = await place.post("ana", "general", "Here is how we do backups.")
        snippet = share(place, general, "backup.sh", b"tar czf backup.tgz /srv", thread_ts=root, mode="snippet")
        mail = share(
            place,
            general,
            "mail",
            b"<html><body><p>The invoice is due on Friday.</p></body></html>",
            mode="email",
            mimetype="text/html",
            title="Invoice 12",
            subject="Invoice 12",
        )
        direct = place.sandbox.workspace.channels[await place.direct("ana")]
        note = share(place, direct, "note.txt", b"My desk is number 12.")
        await place.findable()
        assert "tar czf backup.tgz" in quotes(place, snippet, general)
        assert "Invoice 12: The invoice is due on Friday." in quotes(place, mail, general)
        assert "My desk is number 12." in quotes(place, note, direct)
        with place.services.record() as work:
            [document] = work.documents.of_file(place.workspace_id, note.id)
        assert document.audience == direct.id


async def test_a_bots_words_are_kept_only_if_somebody_chose_to_listen_to_it(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([]), settings={"listen_to_bots": "B0ALERTS, B0OTHER"}) as place:
        general = place.sandbox.channel("general")
        posted = {}
        for bot in ("B0ALERTS", "B0CHATTER"):
            extra = {"bot_id": bot, "bot_profile": {"name": "Alerts"}, "user": ""}
            attachments = [{"title": "db-3", "text": "Disk is 91 % full"}]
            draft = Draft("Alert", attachments=attachments, subtype="bot_message", extra=extra)
            posted[bot] = messages.post(place.sandbox.workspace, general, place.sandbox.person("ana").id, draft)["ts"]
        await place.everything_heard()
        with place.services.record() as work:
            kept = work.messages.get(place.workspace_id, general.id, posted["B0ALERTS"])
            assert kept is not None
            assert (kept.person_id, kept.text) == ("B0ALERTS", "Alert\ndb-3\nDisk is 91 % full")
            assert work.workspaces.names_of_people(place.workspace_id, ["B0ALERTS"]) == {"B0ALERTS": "Alerts"}
            assert work.messages.get(place.workspace_id, general.id, posted["B0CHATTER"]) is None


async def test_bad_files_of_the_past_stop_nothing_and_are_told_of_once(tmp_path: Path, minilm: Embedder) -> None:
    async with workplace(tmp_path, minilm, settings={"file_max_mb": 1}) as place, typing(place, "ana") as ana:
        past = await made(place)
        bad = {
            "empty.txt": b" ",
            "broken.pdf": b"%PDF-1.4 and then nothing of the kind",
            "picture.png": b"\x89PNG\r\n\x1a\n" + b"\0" * 40,
            "big.txt": b"x" * 1_200_000,
            "packed.zip": b"PK\x05\x06" + bytes(18),
        }
        shared = {name: share(place, past, name, content) for name, content in bad.items()}
        good = share(place, past, "good.txt", b"The gate code is 7731.")
        say(place, past, "And words around them.")
        await invite(place, past)
        await ana.ingest("", past)
        assert (await finished(place, past)).files == 6
        await place.findable()
        assert "7731" in quotes(place, good, past)
        for name, file in shared.items():
            known = recorded(place, file)
            assert known is not None
            assert known.problem.startswith(name), name

        def told() -> list[str]:
            return [call["arguments"]["text"] for call in place.calls("chat.postEphemeral")]

        await until(lambda: len(told()) == 5, 20)
        await ana.ingest("", past)
        await place.findable()
        assert len(told()) == 5


async def test_a_file_whose_bytes_cannot_be_kept_just_now_is_tried_again_later(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place:
        files_of_the_workspace = place.settings.blobs_dir / place.workspace_id
        files_of_the_workspace.parent.mkdir(exist_ok=True)
        files_of_the_workspace.write_text("in their way")
        file = share(place, place.sandbox.channel("general"), "notes.txt", b"words")
        await until(lambda: (known := recorded(place, file)) and known.not_before, 15)
        known = recorded(place, file)
        assert known is not None
        assert (known.state, known.attempts) == (FileState.WANTED, 1)
        assert known.problem == "notes.txt could not be fetched. I try again in a while."
