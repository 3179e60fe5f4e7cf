"""Why something in the lab's network is not up: each check that fails has a name, printed in show output and logs."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """One cause; the value is what a person reads."""

    # The device and its access
    POWERED_OFF = "the device has no power"
    ACCESS_DOWN = "the internet access is down"
    NO_INTERFACE = "the interface is not configured"
    SHUTDOWN = "the interface is administratively down"
    NO_ADDRESS = "the interface has no address"
    WRONG_ADDRESS = "the internet address is not the one of this access"
    WRONG_VRF = "the front door is in another VRF than the interface"
    NO_ROUTE = "no route to the peer"
    BLOCKED = "an access list drops the packets"
    LOSS = "the internet access loses too many packets"
    NO_PEER = "nobody answers at the peer's address"

    # IKEv2 and IPsec
    NOT_PROTECTED = "one end protects the tunnel and the other does not"
    PROFILE_INCOMPLETE = "the IPsec or IKEv2 profile is missing or incomplete"
    PROFILE_NOT_SHARED = "several tunnels use one source without one shared IPsec profile"
    IKE_PROPOSAL = "no IKEv2 proposal in common"
    IDENTITY = "no IKEv2 profile matches the peer's identity"
    AUTH_METHOD = "the ends authenticate by different methods"
    NO_KEY = "no pre-shared key for the peer"
    KEY = "the pre-shared keys differ"
    NO_CERTIFICATE = "a certificate is missing"
    CERTIFICATE_EXPIRED = "this router's certificate has expired"
    PEER_CERTIFICATE_EXPIRED = "the peer's certificate has expired"
    OTHER_AUTHORITY = "the certificates are of different authorities"
    TRANSFORM = "no IPsec transform in common"
    TRANSFORM_MODE = "one end uses tunnel mode, the other transport mode"
    PFS = "the ends ask for different PFS groups"

    # GRE and NHRP
    NOT_A_TUNNEL = "tunnel source, destination or mode is missing"
    TUNNEL_KEY = "no tunnel with this key at the peer"
    DUPLICATE_KEY = "two tunnels of one source have the same key"
    NO_NETWORK_ID = "NHRP has no network-id"
    NHRP_AUTHENTICATION = "the NHRP authentication differs"
    NO_NHS = "no next hop server with an NBMA address"
    WRONG_NHS = "the next hop server has another tunnel address"
    SUBNET = "the tunnel addresses are not of one subnet"
    DUPLICATE_ADDRESS = "another spoke has registered this tunnel address"
    NO_NHRP_REPLY = "no next hop server answers"

    # The management tunnel
    NO_MANAGEMENT_TUNNEL = "no tunnel leads to the management centre"
    WRONG_MANAGEMENT_ADDRESS = "the tunnel's address is not the one the centre has for this identity"
    NO_RETURN_ROUTE = "no route back to the management centre through the tunnel"
    ACCESS_CLASS = "no terminal line lets the management centre in"

    # Packets on their way
    DISCARDED = "a route to Null0 discards it"
    FIREWALL = "the firewall lets it pass from no zone to the other"
    STEERED_AWAY = "a route map sends it to Null0"
    IN_CLEAR = "it leaves on the internet under an address that is not this access's"
    LOOP = "it goes round in circles"
    NO_ANSWER = "the answer does not find its way back"

    # BGP
    NO_NEIGHBOR = "the peer has no neighbor or listen range for this address"
    REMOTE_AS = "the AS numbers disagree"
    DIFFERENT_PASSWORDS = "the passwords differ"
    NOT_ACTIVATED = "the address family is not activated"
    NEIGHBOR_SHUTDOWN = "the neighbor is shut down"

    # While it comes up
    CONVERGING = "it is coming up"
