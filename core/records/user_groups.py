"""User groups of Slack that the settings name, and who is in them."""

from collections.abc import Collection, Iterable

from sqlalchemy import delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.records.base import Base


class UserGroupMember(Base):
    """One person in one user group, as Slack said it last."""

    __tablename__ = "user_group_members"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    group_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(primary_key=True)


class UserGroups:
    """Questions asked of user groups."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def members(self, workspace_id: str, group_ids: Collection[str]) -> frozenset[str]:
        """Everybody who is in any of these groups, as far as is known."""
        return frozenset(
            self._session.scalars(
                select(UserGroupMember.person_id).where(
                    UserGroupMember.workspace_id == workspace_id, UserGroupMember.group_id.in_(group_ids)
                )
            )
        )

    def set_members(self, workspace_id: str, group_id: str, person_ids: Iterable[str]) -> None:
        """Replace what is known of a group's members."""
        self._session.execute(
            delete(UserGroupMember).where(
                UserGroupMember.workspace_id == workspace_id, UserGroupMember.group_id == group_id
            )
        )
        self._session.add_all(
            UserGroupMember(workspace_id=workspace_id, group_id=group_id, person_id=person_id)
            for person_id in set(person_ids)
        )
