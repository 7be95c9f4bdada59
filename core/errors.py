"""Everything that can go wrong in Journeyman, as one small tree.

JourneymanError            .sentence is fit for a person: plain, with what to do next
├── Misconfigured          the settings contradict each other or name something that is not there
├── UnreadableFile         a file that cannot become text
│   ├── EmptyFile          no bytes, or nothing in it but white space
│   ├── NoTextInFile       pictures only (a scan), no words to read
│   ├── LockedFile         protected by a password
│   ├── DamagedFile        not what its name or type says, or broken
│   ├── UnsupportedFile    a kind that Journeyman does not read
│   └── FileTooLarge       over the size limit, or it unpacks to more than the limits on time, memory or text
├── Unavailable            a part is down and may come back: try again
│   ├── ModelUnavailable   the language model cannot be loaded or does not answer
│   │   └── ModelResting   because its memory is lent to a training run
│   └── StoreUnavailable   the passage store cannot be reached
├── DamagedAdapter         an adapter that is not what was made, or was made for another base
├── TrainingFailed         a run ended without an adapter; what serves is untouched
│   └── TrainingStopped    because somebody asked for it
├── NotAllowed             the person may not do this
└── Busy                   more is being asked than the queue holds
"""


class JourneymanError(Exception):
    """The root of the tree: `sentence` can be shown to a person as it is."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Misconfigured(JourneymanError):
    """The settings contradict each other or name something that is not there."""


class UnreadableFile(JourneymanError):
    """A file that cannot become text."""


class EmptyFile(UnreadableFile):
    """No bytes, or nothing in it but white space."""


class NoTextInFile(UnreadableFile):
    """Pictures only (a scan): no words to read."""


class LockedFile(UnreadableFile):
    """Protected by a password."""


class DamagedFile(UnreadableFile):
    """Not what its name or type says, or broken."""


class UnsupportedFile(UnreadableFile):
    """A kind of file that Journeyman does not read."""


class FileTooLarge(UnreadableFile):
    """Over the size limit, or it unpacks to more than the limits on time, memory or text."""


class Unavailable(JourneymanError):
    """A part is down and may come back: try again."""


class ModelUnavailable(Unavailable):
    """The language model cannot be loaded or does not answer."""


class ModelResting(ModelUnavailable):
    """The language model gave its memory to a training run, and comes back when that has ended."""


class StoreUnavailable(Unavailable):
    """The passage store cannot be reached."""


class DamagedAdapter(JourneymanError):
    """An adapter that is not what was made, or was made for another base."""


class TrainingFailed(JourneymanError):
    """A run ended without an adapter; what serves is untouched."""


class TrainingStopped(TrainingFailed):
    """A run ended because somebody asked for it."""


class NotAllowed(JourneymanError):
    """The person may not do this."""


class Busy(JourneymanError):
    """More is being asked than the queue holds."""
