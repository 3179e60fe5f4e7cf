"""Opens a session at privilege 15 with an IOS-XE router."""

from __future__ import annotations

from agent.drivers import connecting
from agent.drivers.devices import Access
from agent.drivers.ios.connection import IosConnection
from agent.drivers.ios.device import IosDevice
from agent.drivers.ios.driver import Ios
from agent.drivers.ios.session import IosSession
from agent.errors import AuthenticationRefused


def opened(access: Access) -> IosDevice:
    """The session; Unreachable, HostKeyRefused, AuthenticationRefused, DeviceTimeout."""
    place, limits = access.place, access.limits
    connection = IosConnection(
        place.host,
        place.port,
        connecting.enrolled_key(access),
        read_timeout_override=max(120.0, limits.change_s),
        **connecting.arguments(access),
    )

    def privileged() -> None:
        if not connection.check_enable_mode():
            raise AuthenticationRefused(
                "the login does not land at privilege 15, which file transfer needs",
                where=place.router,
                remedy=f"give user {access.username} privilege 15 on the device",
            )

    connecting.logged_in(access, connection, privileged)
    driver = Ios(connection, access.username, limits.change_s)
    return IosDevice(IosSession(place, driver, connection, access.platform, access.known, limits))
