"""What ``napalm.get_network_driver("linux_frr")`` finds."""

from agent.drivers.linux_frr.driver import LinuxFrrDriver

__all__ = ["LinuxFrrDriver"]
