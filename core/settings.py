"""Every setting of Journeyman, read once from the environment and `.env`; docs/settings.md describes each."""

from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """One object with all settings; the environment's name of a field is its name in capitals."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", env_ignore_empty=True)

    # Where things are kept
    data_dir: Path = Field(Path("data"), description="Folder of everything that Journeyman keeps on disk.")
    database_url: str = Field("", description="SQLAlchemy URL of the record; empty means SQLite in DATA_DIR.")

    # Slack
    slack_bot_token: SecretStr = Field(SecretStr(""), description="xoxb-… token; empty starts the sandbox.")
    slack_app_token: SecretStr = Field(SecretStr(""), description="xapp-… token for Socket Mode.")
    slack_api_url: str = Field("https://slack.com/api/", description="Base URL of the workspace's Web API.")
    admins: str = Field(
        "", description="Slack user ids, separated by commas, who may administer beside Slack's own admins."
    )
    membership_max_age_s: int = Field(
        300,
        ge=0,
        description="Seconds after which a channel's members are read again from Slack before an answer.",
    )

    # Listening
    listen_to_bots: str = Field(
        "",
        description="Ids, separated by commas, of bots and apps whose messages are knowledge here, such as an alert "
        "bot's; what other bots say is not kept.",
    )
    page_hosts: str = Field(
        "",
        description="Hosts of your own network, separated by commas (`wiki.example.lan`, `10.0.0.5:8080`), whose pages "
        "`/ingest https://…` may read; other pages must be on the public internet.",
    )
    passage_tokens: int = Field(128, ge=32, le=2048, description="Longest passage, in the embedder's tokens.")
    window_pause_minutes: int = Field(
        10, ge=1, description="A pause in a channel that starts a new passage, in minutes."
    )
    file_max_mb: int = Field(100, ge=1, description="Files larger than this are not downloaded.")
    extract_seconds: int = Field(60, ge=1, description="Time that reading one file may take.")
    extract_memory_mb: int = Field(2048, ge=256, description="Memory that reading one file may take.")
    extract_characters: int = Field(5_000_000, ge=1000, description="Text that one file may hold.")

    # Embedding: a change of these makes a new index beside the old one, which answers until the new one is complete
    embedder: str = Field(
        "minilm",
        description="minilm (packaged, for English), a sentence-transformers model by its folder or by its name on the "
        "hub where this machine reaches it, or the name of a model at EMBEDDING_BASE_URL.",
    )
    embedding_base_url: str = Field(
        "", description="Base URL of an OpenAI-style embedding endpoint, ending in /v1; empty embeds on this machine."
    )
    embedding_api_key: SecretStr = Field(SecretStr(""), description="Key for that endpoint, if it wants one.")
    embedding_max_tokens: int = Field(
        8000, ge=64, description="Longest text that the endpoint's model reads, in tokens."
    )

    # Passages on a server
    weaviate_url: str = Field(
        "", description="Weaviate server (1.30 or newer), such as http://host:8080; empty keeps passages in DATA_DIR."
    )
    weaviate_grpc_url: str = Field(
        "", description="Its gRPC address, host:50051; empty means the same host, or what Weaviate Cloud uses."
    )
    weaviate_api_key: SecretStr = Field(SecretStr(""), description="Key for that server, if it wants one.")
    weaviate_embedded: bool = Field(
        False, description="Run a Weaviate of our own, for trying: downloaded on the first start, kept in DATA_DIR."
    )
    weaviate_replication: int = Field(
        1, ge=1, description="Nodes that hold each passage; counts for indexes made from then on."
    )
    weaviate_consistency: Literal["one", "quorum", "all"] = Field(
        "quorum", description="Replicas that must take a write or a deletion: one, quorum or all."
    )

    # Answering
    language_model: Literal["auto", "extractive", "phi3", "openai"] = Field(
        "auto", description="Who writes answers: auto is phi3 on a CUDA device and extractive elsewhere."
    )
    phi3_model: str = Field(
        "microsoft/Phi-3-mini-4k-instruct", description="Hub name or local folder of a Phi-3 checkpoint."
    )
    openai_base_url: str = Field("", description="Base URL of an OpenAI-style server, such as vLLM.")
    openai_api_key: SecretStr = Field(SecretStr(""), description="Key for that server, if it wants one.")
    openai_model: str = Field("", description="Model name at that server.")
    openai_context_tokens: int = Field(4096, ge=512, description="Context of that model, in tokens.")
    vllm_load_adapters: bool = Field(
        False,
        description="Whether that server loads adapters at run time (vLLM with VLLM_ALLOW_RUNTIME_LORA_UPDATING, which "
        "reads DATA_DIR too): a promoted adapter is then loaded and asked for by its name.",
    )
    answer_max_tokens: int = Field(512, ge=16, description="Longest generated answer, in tokens.")
    answer_seconds: int = Field(120, ge=1, description="Time after which a silent model is given up.")
    answers_at_once: int = Field(
        4, ge=1, description="Answers written at the same time; Phi-3 writes them in one batch, so raise it on a GPU."
    )
    answers_waiting: int = Field(
        50, ge=0, description="Questions that may wait for their turn; past that the reply is 'busy'."
    )
    questions_per_minute: int = Field(
        20, ge=0, description="Questions that one person may ask in a minute; 0 sets no bound."
    )
    follow_ups: bool = Field(
        True, description="Whether the asker may go on in the thread of an answer without a mention."
    )
    passages_per_answer: int = Field(8, ge=1, description="Passages that an answer may rest on.")
    reranker: str = Field(
        "",
        description="Cross-encoder of sentence-transformers (folder, or name on the hub) that orders once more what "
        "was found; empty goes without, which is faster.",
    )

    # Curation
    helpful_reactions: str = Field(
        "+1,thumbsup",
        description="Reactions that mean 'this answer helped', by their Slack names, separated by commas; each counts "
        "in every skin tone.",
    )
    not_helpful_reactions: str = Field(
        "-1,thumbsdown", description="Reactions that mean the opposite, given in the same way."
    )
    votes_needed: int = Field(
        1, ge=1, description="How many more people must find an answer helpful than not, for it to be learned from."
    )
    reviewers: str = Field(
        "",
        description="Slack ids of people (U…) and user groups (S…), separated by commas, who alone approve and review; "
        "empty: everybody's votes approve, and admins review.",
    )
    asker_may_approve: bool = Field(True, description="Whether the vote of whoever asked counts.")
    objection_blocks: bool = Field(True, description="Whether one 👎 keeps an answer out, however many 👍 it has.")
    longest_answer: int = Field(4000, ge=100, description="Answers with more characters are not learned from.")
    keep_out_personal_data: bool = Field(
        True, description="Keep examples with e-mail addresses or phone numbers out of training."
    )
    learn_from_private: bool = Field(
        False,
        description="Train also on examples from private channels and direct messages. An adapter speaks to everybody: "
        "with this on, what was said in private can come out in an answer to anyone in the workspace.",
    )

    # Training
    training_enabled: bool = Field(
        False,
        description="Train every night on approved answers. Slack's developer policy is quoted as forbidding to train "
        "language models on data got through its API: whether your agreement with Slack allows it is yours to check.",
    )
    training_cron: str = Field("0 2 * * *", description="When a night's run begins, as a cron line.")
    training_timezone: str = Field("UTC", description="Time zone of that line, such as Europe/Vienna.")
    recipe: str = Field(
        "phi3_qlora", description="How to train: a recipe of Journeyman's, or the path of a TOML file of your own."
    )
    training_gpu: Literal["share", "pause"] = Field(
        "share",
        description="What a run does about the Phi-3 that answers on the same GPU. share: it waits for a minute in "
        "which nobody asks, and trains beside it. pause: the model is put away until the run has ended; answers are "
        "quoted from their sources meanwhile, and say so.",
    )
    min_new_examples: int = Field(
        20, ge=1, description="New approved answers without which a night is skipped; /retrain asks for none."
    )
    ops_channel: str = Field(
        "",
        description="Id of the Slack channel (C…) that is told each night's report; the bot must be in it. Empty: only "
        "whoever asked for a run with /retrain is told, in direct messages.",
    )
    keep_adapters: int = Field(5, ge=1, description="Newest adapters that are kept on disk, beside the live one.")
    tainted_adapter: Literal["clean", "base", "keep"] = Field(
        "clean",
        description="What serves when something was forgotten that the live adapter had learned: the newest clean "
        "adapter (else the base), the base, or the same as before until the next night.",
    )

    # Process
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="How much is logged.")
    sandbox_port: int = Field(8555, ge=0, description="Port of the sandbox's page; 0 picks a free one.")

    @field_validator("slack_api_url")
    @classmethod
    def _ends_with_slash(cls, url: str) -> str:
        return url if url.endswith("/") else url + "/"

    @cached_property
    def database(self) -> str:
        """The record's URL, with the default filled in."""
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'journeyman.db'}"

    @property
    def passages_dir(self) -> Path:
        """Where the passage store lives on disk."""
        return self.data_dir / "passages"

    @property
    def blobs_dir(self) -> Path:
        """Where downloaded files live."""
        return self.data_dir / "files"

    @property
    def datasets_dir(self) -> Path:
        """Where frozen data sets lie."""
        return self.data_dir / "datasets"

    @property
    def adapters_dir(self) -> Path:
        """Where trained adapters lie, one folder each."""
        return self.data_dir / "adapters"

    @property
    def runs_dir(self) -> Path:
        """Where training runs keep their checkpoints and reports, one folder each."""
        return self.data_dir / "training"

    @cached_property
    def admin_ids(self) -> frozenset[str]:
        """The ids named in ADMINS."""
        return _names(self.admins)

    @cached_property
    def reviewer_ids(self) -> frozenset[str]:
        """The people named in REVIEWERS."""
        return frozenset(name for name in _names(self.reviewers) if not name.startswith("S"))

    @cached_property
    def reviewer_group_ids(self) -> frozenset[str]:
        """The user groups named in REVIEWERS."""
        return _names(self.reviewers) - self.reviewer_ids

    @cached_property
    def value_of_reaction(self) -> dict[str, int]:
        """What each reaction that is a vote says: +1 or -1."""
        return dict.fromkeys(_names(self.helpful_reactions), 1) | dict.fromkeys(_names(self.not_helpful_reactions), -1)

    @cached_property
    def listened_bots(self) -> frozenset[str]:
        """The ids named in LISTEN_TO_BOTS."""
        return _names(self.listen_to_bots)

    @cached_property
    def readable_hosts(self) -> frozenset[tuple[str, int]]:
        """The hosts and ports named in PAGE_HOSTS; without a port, those of http and https."""
        readable: set[tuple[str, int]] = set()
        for named in self.page_hosts.casefold().split(","):
            host, _, port = named.strip().rpartition(":")
            if host and port.isdecimal():
                readable.add((host.strip("[]"), int(port)))
            elif port:
                readable |= {(port, 80), (port, 443)}
        return frozenset(readable)

    @property
    def has_slack_tokens(self) -> bool:
        """Whether a real workspace is configured."""
        return bool(self.slack_bot_token.get_secret_value() and self.slack_app_token.get_secret_value())


def _names(listed: str) -> frozenset[str]:
    return frozenset(part.strip().strip(":") for part in listed.split(",") if part.strip())
