"""Channels: how a message leaves. E-mail is built in; gateways for others are found by their entry point.

A gateway is an installed package with an entry point in the group `posko.channels`, called as its channel is, that is
a function from the environment to a `Channel`. `POSKO_CHANNELS` says which are used.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Final, Protocol, runtime_checkable

from posko.config import BadSetting, Settings
from posko.errors import PoskoError
from posko.messages.contact import EMAIL
from posko.messages.message import Message

GROUP: Final = "posko.channels"


class ChannelError(PoskoError):
    """A message did not go out this time"""


class Refused(ChannelError):
    """This message will never go out: no such address, say"""


class Later(ChannelError):
    """This message may go out later; others are not concerned"""


class Unreachable(ChannelError):
    """The gateway takes nothing now: down, or it does not let us in"""


@runtime_checkable
class Channel(Protocol):
    """A way out for messages; used by several tasks at once."""

    name: str
    """What contacts call it: `sms`, say."""

    async def send(self, message: Message) -> None:
        """Returns when the gateway has taken the message; else raises Refused, Later or Unreachable.

        Anything else that is raised counts as Later. It is cancelled after POSKO_MESSAGE_DEADLINE_S.
        """


def plugged(settings: Settings, environ: Mapping[str, str]) -> list[Channel]:
    """The gateways that POSKO_CHANNELS names; BadSetting when one is not installed or does not work."""
    installed = {found.name: found for found in entry_points(group=GROUP)}
    wanted = [name.strip() for name in settings.channels.split(",") if name.strip()]
    channels: list[Channel] = []
    for name in dict.fromkeys(wanted):
        if name == EMAIL:
            raise BadSetting("POSKO_CHANNELS names gateways; email is built in: set POSKO_SMTP_URL")
        if name not in installed:
            known = ", ".join(sorted(installed)) or "none"
            raise BadSetting(f"POSKO_CHANNELS: no gateway {name!r} is installed here (installed: {known})")
        channels.append(_made(name, installed[name].load(), environ))
    return channels


def _made(name: str, factory: object, environ: Mapping[str, str]) -> Channel:
    made = factory(environ) if callable(factory) else None
    if not isinstance(made, Channel) or made.name != name:
        raise BadSetting(f"POSKO_CHANNELS: the gateway {name!r} gives no channel of that name")
    return made
