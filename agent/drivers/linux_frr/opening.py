"""Opens a session with the program of a linux_frr router."""

from __future__ import annotations

from agent.drivers import connecting
from agent.drivers.devices import Access
from agent.drivers.linux_frr.connection import SubsystemConnection
from agent.drivers.linux_frr.device import LinuxDevice
from agent.drivers.linux_frr.driver import LinuxFrrDriver
from agent.drivers.linux_frr.program import Program
from agent.drivers.linux_frr.session import LinuxSession


def opened(access: Access) -> LinuxDevice:
    """The session; Unreachable, HostKeyRefused, AuthenticationRefused, DeviceTimeout."""
    place, limits = access.place, access.limits
    connection = SubsystemConnection(
        place.host, place.port, connecting.enrolled_key(access), **connecting.arguments(access)
    )
    connecting.logged_in(access, connection)
    patience_s = 1 + max(limits.command_s, limits.configuration_s, limits.transfer_s, limits.change_s)
    driver = LinuxFrrDriver(place.host, access.username, "")
    driver.program = Program(connection, patience_s, patience_s)  # which the session's own steps cut short
    return LinuxDevice(LinuxSession(place, driver, connection, access.platform, access.known, limits, driver.program))
