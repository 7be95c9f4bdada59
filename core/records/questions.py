"""Questions people asked, the answers they got, and what each answer rested on."""

from datetime import datetime
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import ColumnElement, ForeignKey, Index, UniqueConstraint, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship, selectinload

from core.records.base import Base, utc_now
from core.records.documents import Document


class AskedBy(StrEnum):
    """The way a question came."""

    MENTION = "mention"
    DM = "dm"
    COMMAND = "command"
    THREAD = "thread"
    CLI = "cli"


class QuestionState(StrEnum):
    """How far a question has come. ASKED: waiting. ANSWERED: its reply stands. WITHDRAWN: deleted by its asker."""

    ASKED = "asked"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


class Question(Base):
    """A question, once for each message or command that asked it, however often Slack delivers it."""

    __tablename__ = "questions"
    __table_args__ = (UniqueConstraint("workspace_id", "channel_id", "asked_ts"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=lambda: str(uuid4()))
    workspace_id: Mapped[str]
    channel_id: Mapped[str]
    asked_ts: Mapped[str]
    """The message's ts; for a command, its trigger id."""
    thread_ts: Mapped[str] = mapped_column(default="")
    """The thread that the reply goes to; empty for a reply outside of threads."""
    person_id: Mapped[str]
    asked_by: Mapped[AskedBy]
    ephemeral: Mapped[bool] = mapped_column(default=False)
    """Whether only the asker will see the reply."""
    reply_to: Mapped[str] = mapped_column(default="")
    """For a command: where its reply is posted to (Slack's response_url)."""
    text: Mapped[str]
    state: Mapped[QuestionState] = mapped_column(default=QuestionState.ASKED, index=True)
    redaction_due: Mapped[bool] = mapped_column(default=False, index=True)
    """Whether our replies in Slack still show what is forgotten here."""
    asked_at: Mapped[datetime] = mapped_column(default=utc_now)

    answer: Mapped["Answer | None"] = relationship(back_populates="question", cascade="all, delete-orphan")
    replies: Mapped[list["ReplyMessage"]] = relationship(cascade="all, delete-orphan", order_by="ReplyMessage.ts")

    @property
    def is_forgotten(self) -> bool:
        """Whether nothing of the answer, or of the question as well, is to stand any more."""
        is_answer_gone = self.answer is not None and self.answer.verdict is Verdict.FORGOTTEN
        return self.state is QuestionState.WITHDRAWN or is_answer_gone


class ReplyMessage(Base):
    """A message of ours that carries an answer, or its continuation."""

    __tablename__ = "reply_messages"
    __table_args__ = (Index(None, "question_id"),)

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    channel_id: Mapped[str] = mapped_column(primary_key=True)
    ts: Mapped[str] = mapped_column(primary_key=True)
    question_id: Mapped[str] = mapped_column(ForeignKey("questions.id", ondelete="CASCADE"))


class Verdict(StrEnum):
    """What kind of answer it is. UNKNOWN: nothing relevant was found, and it says so.

    FORGOTTEN: its words are gone, since something that it rested on, or its asker, is forgotten.
    """

    GENERATED = "generated"
    QUOTED = "quoted"
    UNKNOWN = "unknown"
    FORGOTTEN = "forgotten"


SAYING_NOTHING = (Verdict.UNKNOWN, Verdict.FORGOTTEN)
"""Of such an answer there is nothing to retell, nor to learn."""


class Answer(Base):
    """What Journeyman replied, and which model and adapter wrote it."""

    __tablename__ = "answers"

    id: Mapped[str] = mapped_column(primary_key=True, default=lambda: str(uuid4()))
    question_id: Mapped[str] = mapped_column(ForeignKey("questions.id", ondelete="CASCADE"), unique=True)
    text: Mapped[str]
    verdict: Mapped[Verdict]
    model: Mapped[str]
    adapter: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    """A sentence said with the answer, such as that the model was down."""
    answered_at: Mapped[datetime] = mapped_column(default=utc_now)

    question: Mapped[Question] = relationship(back_populates="answer")
    citations: Mapped[list["Citation"]] = relationship(
        back_populates="answer", cascade="all, delete-orphan", order_by="Citation.marker"
    )


class Citation(Base):
    """A passage that an answer points to. It is a copy: the passage may be re-made, the quote is what was shown."""

    __tablename__ = "citations"
    __table_args__ = (Index(None, "document_id"),)

    answer_id: Mapped[str] = mapped_column(ForeignKey("answers.id", ondelete="CASCADE"), primary_key=True)
    marker: Mapped[int] = mapped_column(primary_key=True)
    passage_id: Mapped[str]
    document_id: Mapped[str]
    audience: Mapped[str]
    source: Mapped[str]
    link: Mapped[str] = mapped_column(default="")
    quote: Mapped[str]

    answer: Mapped[Answer] = relationship(back_populates="citations")


class Questions:
    """Questions asked of questions and answers."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, question_id: str) -> Question | None:
        """The question, if it is known."""
        return self._session.get(Question, question_id)

    def asked_at(self, workspace_id: str, channel_id: str, asked_ts: str) -> Question | None:
        """The question that this message or command asked."""
        return self._session.scalar(
            select(Question).where(
                Question.workspace_id == workspace_id,
                Question.channel_id == channel_id,
                Question.asked_ts == asked_ts,
            )
        )

    def answer(self, answer_id: str) -> Answer | None:
        """The answer, if it still stands."""
        return self._session.get(Answer, answer_id)

    def hold(self, answer: Answer) -> None:
        """Let nobody else change what hangs on this answer until this unit of work ends."""
        self._session.refresh(answer, with_for_update=True)

    def add(self, question: Question) -> None:
        """Keep a new question."""
        self._session.add(question)
        self._session.flush()

    def add_if_new(self, question: Question) -> bool:
        """Keep the question unless its message or command has asked one already; False when it has."""
        try:
            with self._session.begin_nested():
                self._session.add(question)
        except IntegrityError:
            return False
        return True

    def get_to_answer(self, question_id: str) -> Question | None:
        """The question, held until this unit of work ends: nobody else answers or withdraws it meanwhile."""
        return self._session.get(Question, question_id, with_for_update=True, populate_existing=True)

    def add_answer(self, question: Question, answer: Answer) -> None:
        """The question's answer; the question is answered then."""
        question.answer = answer
        question.state = QuestionState.ANSWERED
        self._session.flush()

    def withdraw(self, question: Question) -> None:
        """Nothing of what was asked and answered stays but the fact, and which messages of ours carry the answer."""
        question.state, question.text = QuestionState.WITHDRAWN, ""
        if question.answer is not None:
            self.forget_answer(question.answer)
        self._session.flush()

    def forget_answer(self, answer: Answer) -> None:
        """Nothing of what was answered stays but the fact, and that our replies are to be changed."""
        answer.text = answer.note = ""
        answer.verdict = Verdict.FORGOTTEN
        answer.citations.clear()
        answer.question.redaction_due = bool(answer.question.replies)
        self._session.flush()

    def to_redact(self, workspace_id: str) -> list[Question]:
        """Questions whose replies in Slack still show what is forgotten here, with their messages."""
        return list(
            self._session.scalars(
                select(Question)
                .where(Question.workspace_id == workspace_id, Question.redaction_due.is_(True))
                .order_by(Question.asked_at)
                .options(selectinload(Question.replies), selectinload(Question.answer))
            )
        )

    def redacted(self, question_id: str) -> None:
        """Its replies in Slack show nothing of it any more."""
        self._session.get_one(Question, question_id).redaction_due = False

    def of_person(self, workspace_id: str, person_id: str) -> list[Question]:
        """What the person asked and did not take back."""
        return self._standing(Question.workspace_id == workspace_id, Question.person_id == person_id)

    def asked_in(self, workspace_id: str, channel_id: str, until: datetime) -> list[Question]:
        """What was asked in the channel until then and not taken back."""
        return self._standing(
            Question.workspace_id == workspace_id, Question.channel_id == channel_id, Question.asked_at <= until
        )

    def _standing(self, *conditions: ColumnElement[bool]) -> list[Question]:
        standing = Question.state != QuestionState.WITHDRAWN
        return list(self._session.scalars(select(Question).where(standing, *conditions)))

    def drop_workspace(self, workspace_id: str, asked_until: datetime) -> None:
        """Forget all that was asked and answered until then."""
        for question in self._session.scalars(
            select(Question).where(Question.workspace_id == workspace_id, Question.asked_at <= asked_until)
        ):
            self._session.delete(question)
        self._session.flush()

    def unanswered(self) -> list[Question]:
        """Every question still waiting, oldest first."""
        return list(
            self._session.scalars(
                select(Question).where(Question.state == QuestionState.ASKED).order_by(Question.asked_at)
            )
        )

    def answered_by_message(self, workspace_id: str, channel_id: str, ts: str) -> Question | None:
        """The question whose reply this message of ours is, or continues."""
        reply = self._session.get(ReplyMessage, (workspace_id, channel_id, ts))
        return self.get(reply.question_id) if reply else None

    def asked_since(self, moment: datetime) -> bool:
        """Whether anybody has asked anything since then, or still waits for an answer."""
        query = select(Question.id).where((Question.asked_at >= moment) | (Question.state == QuestionState.ASKED))
        return self._session.scalar(query.limit(1)) is not None

    def in_thread(self, workspace_id: str, channel_id: str, thread_ts: str) -> list[Question]:
        """The thread's questions, oldest first."""
        return list(
            self._session.scalars(
                select(Question)
                .where(
                    Question.workspace_id == workspace_id,
                    Question.channel_id == channel_id,
                    Question.thread_ts == thread_ts,
                )
                .order_by(Question.asked_at)
            )
        )

    def add_reply(self, question: Question, channel_id: str, ts: str) -> None:
        """This message of ours carries the answer, or a part of it; what was forgotten meanwhile leaves it again."""
        self._session.merge(
            ReplyMessage(workspace_id=question.workspace_id, channel_id=channel_id, ts=ts, question_id=question.id)
        )
        standing = self.get(question.id)
        if standing is not None and standing.is_forgotten:
            standing.redaction_due = True
        self._session.flush()

    def citations_of_channel(self, workspace_id: str, channel_id: str) -> list[Citation]:
        """Citations of what was heard in the channel, as long as the document is known."""
        heard = select(Document.id).where(Document.workspace_id == workspace_id, Document.channel_id == channel_id)
        return list(self._session.scalars(select(Citation).where(Citation.document_id.in_(heard))))
