"""Where NAPALM looks for drivers that are not its own; installed at the top, as ``custom_napalm``, beside others'."""

from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)
