"""Whatever is broken and mended in whatever order: no command fails, and after all repairs everything is as before."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from agent.lab.errors import LabError
from agent.lab.faults.kinds import MOMENTARY, SCALES, Break
from agent.lab.snmp.mib import RouterMib
from tests.unit.lab_net.conftest import Live
from tests.unit.lab_net.test_robustness import SHOWS

ROUTERS = st.sampled_from(["hub", "spoke-a", "spoke-b"])
LASTING = st.sampled_from([kind for kind in Break if kind not in MOMENTARY])


class Faults(RuleBasedStateMachine):
    """Three routers to which a hostile user does what comes to his mind."""

    def __init__(self) -> None:
        super().__init__()
        self.live = Live()
        for router in self.live.world.routers.values():
            router.save("test")
            router.reload(seconds=0)  # what a boot adds to what was typed is there from now on
            router.save("test")
        self.before = {name: router.running for name, router in self.live.world.routers.items()}

    @rule(router=ROUTERS, kind=LASTING, share=st.floats(0, 1))
    def breaks(self, router: str, kind: Break, share: float) -> None:
        scale = SCALES.get(kind)
        value = scale.low + share * (scale.high - scale.low) if scale else None
        with suppress(LabError):  # a key that is broken already, a certificate that there is not
            self.live.world.damage(router, kind, value)

    @rule(router=ROUTERS, kind=LASTING)
    def mends_one(self, router: str, kind: Break) -> None:
        self.live.world.mend(router, kind)

    @rule(router=ROUTERS)
    def boots(self, router: str) -> None:
        self.live.world.routers[router].reload(seconds=0)

    @rule(seconds=st.sampled_from([0.5, 7.0, 100.0, 1e6, 1e8]))
    def waits(self, seconds: float) -> None:
        self.live.time.seconds += seconds
        self.live.world.network()

    @rule(router=ROUTERS, command=st.sampled_from(SHOWS))
    def looks(self, router: str, command: str) -> None:
        self.live.show(router, command)

    @rule(router=ROUTERS)
    def walks(self, router: str) -> None:
        mib = RouterMib(self.live.world.routers[router], self.live.world).now()
        assert all(mib.value(oid) is not None for oid in mib.oids())

    @invariant()
    def says_what_is_broken(self) -> None:
        for name in self.live.world.routers:
            assert len({fault.kind for fault in self.live.world.faults(name)}) == len(self.live.world.faults(name))

    def teardown(self) -> None:
        for name, router in self.live.world.routers.items():
            self.live.world.mend(name)
            assert self.live.world.faults(name) == ()
            assert router.running == self.before[name]
        self.live.wait(10)
        network = self.live.world.network()
        assert all(network.is_up(link) for name in self.before for link in network.links_of(name))


TestFaults = Faults.TestCase
TestFaults.settings = settings(max_examples=8, stateful_step_count=15, deadline=None)
