"""`alembic check` on an empty database: the migrations must build exactly the tables that the code declares."""

from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command
from alembic.config import Config

_ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Build the newest schema from nothing and compare. Raises alembic's CommandError when they differ."""
    with TemporaryDirectory() as folder:
        config = Config(toml_file=str(_ROOT / "pyproject.toml"))
        config.attributes["url"] = f"sqlite:///{folder}/schema.db"
        command.upgrade(config, "head")
        command.check(config)


if __name__ == "__main__":
    main()
