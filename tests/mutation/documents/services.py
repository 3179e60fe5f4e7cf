"""Faults in what a router of files offers: shaping, SNMP, logs, logins, standby."""

# ruff: noqa: E501 - one line for one way to be wrong

from __future__ import annotations

from tests.mutation.drawing import after, either, gone, into, number, stranger, with_random
from tests.mutation.mutant import Catalogue, Router

SERVICES = Catalogue(documents=True)
fault = SERVICES.fault

SHAPING, SNMP = r"%% file etc/spokesman/qos\.tc", r"%% file etc/snmp/(\S+/)?snmpd\.conf"
LOGINS, LOGS, STANDBY = r"%% file etc/ssh/sshd_config", r"%% file etc/rsyslog\.conf", r"vrrp_instance \S+ \{"


def _logs(router: Router) -> bool:
    return router.view.site.options.firewall_logging is not None


fault("files: shaper", "queues form in the access, or what was ordered is not to be had", "WV-9",
      either(into(r"(class .* classid 1:1 htb rate) (\d+)(\d)kbit ceil \d+kbit (.*)", r"\1 \2\g<3>0kbit ceil \2\g<3>0kbit \4",
                  r"\1 \2kbit ceil \2kbit \4", under=SHAPING),
             gone(r"class .* classid 1:1 .*", SHAPING)))  # fmt: skip
fault("files: class of egress", "it has not its share, or not its place", "WV-9",
      either(into(r"(class .* classid 1:1\d htb rate) \d+kbit (.*)", r"\1 1000kbit \2", under=SHAPING),
             into(r"(class .* classid 1:10 .*) prio 1", r"\1 prio 6", under=SHAPING),
             gone(r"class .* classid 1:1\d .*", SHAPING)))  # fmt: skip
fault("files: class of the rest", "what has no class is in one that is for others", "WV-9",
      into(r"(qdisc .* htb default) 3", r"\1 10", r"\1 11", under=SHAPING))  # fmt: skip
fault("files: SNMP that writes or is in the clear", "whoever knows a word changes or reads the router", "WV-13 WV-7",
      either(into(r"rouser (\S+ authPriv.*)", r"rwuser \1", under=SNMP),
             into(r"rouser (\S+) authPriv(.*)", r"rouser \1 authNoPriv\2", r"rouser \1 noauth\2", under=SNMP),
             after(r"sysName .*", "rocommunity public", "rwcommunity private", under=SNMP)))  # fmt: skip
fault("files: SNMP that shows too little or too much", "managers see no interfaces, or customers see secrets", "WV-13 WV-6",
      either(gone(r"view (fleet|feed) .*", SNMP), into(r"view feed included \S+", "view feed included .1", under=SNMP),
             into(r"view (fleet|feed) included \S+", r"view \1 included .1.3.6.1.2.1.99", under=SNMP)))  # fmt: skip
fault("files: agent elsewhere", "nobody asks there", "WV-13 WV-10 WV-7",
      into(r"agentAddress udp:(\S+):161", with_random("agentAddress udp:{}:161", stranger), r"agentAddress udp:\1:1161",
           under=SNMP))  # fmt: skip
fault("files: SNMP user without a key", "nobody can ask by it", "WV-13 WV-10 WV-6",
      gone(r"createUser (spokesman|acmefeed) .*", SNMP))  # fmt: skip
fault("files: notifications to a stranger", "they say what happens in the router", "WV-7",
      into(r"(trapsess .*) udp:\S+:162", with_random(r"\1 udp:{}:162", stranger), under=SNMP))  # fmt: skip
fault("files: customer's firewall log", "it goes elsewhere, nowhere, or to us too", "WV-14 WV-17 WV-7",
      either(into(r'action\(type="omfwd" target="10\.10\S+" (.*)\)', r'action(type="omfwd" target="10.10.1.61" \1)',
                  under=LOGS, when=_logs),
             into(r'(action\(type="omfwd" target="10\.10.*) networknamespace="corporate" (.*)', r"\1 \2", under=LOGS),
             gone(r'action\(type="omfwd" target="10\.10.*', LOGS), gone(r"stop", LOGS)))  # fmt: skip
fault("files: messages to a stranger", "they say what happens in the router", "WV-7 WV-17",
      into(r'(\*\.info action\(type="omfwd") target="\S+" (.*)', with_random(r'\1 target="{}" \2', stranger), under=LOGS))  # fmt: skip
fault("files: logins", "they are not answered, not for us, or unproved", "WV-7",
      either(into(r"ListenAddress \S+", with_random("ListenAddress {}", stranger), "ListenAddress 0.0.0.0", under=LOGINS),
             into(r"Port 22", "Port 2222", under=LOGINS), into(r"PermitEmptyPasswords no", "PermitEmptyPasswords yes"),
             into(r"PasswordAuthentication yes", "PasswordAuthentication no"),
             into(r"AllowUsers \S+", "AllowUsers operator"), gone(r"ListenAddress .*", LOGINS)))  # fmt: skip
fault("files: management's login", "the centre is locked out, or somebody else is let in", "WV-7",
      either(into(r"spokesman:(.*)", r"operator:\1"), gone(r"spokesman:.*"),
             after(r"spokesman:(\S+)", "friend:$2b$10$x3xIpg6LNMs1iBWP77SMm.QuxKIjCHX1ypPgAm9IoC5e83V8imXTO")))  # fmt: skip
fault("files: standby group", "the two routers are not in one group, or hosts have another gateway", "WV-12",
      either(into(r"virtual_router_id \d+", with_random("virtual_router_id {}", number(30, 250)), under=STANDBY),
             into(r"(\d+\.\d+\.\d+)\.\d+/24 dev (\S+)", r"\1.250/24 dev \2", under=STANDBY),
             gone(STANDBY)))  # fmt: skip
fault("files: standby priority", "it leads while the primary works, or never", "WV-12",
      either(into(r"priority 150", "priority 250", "priority 90", under=STANDBY), gone(r"priority 150", STANDBY)))  # fmt: skip
fault("files: standby that does not follow the destination", "it leads where it should not, or never", "WV-12",
      either(gone(r"track_script \{", STANDBY), gone(r"primary_leads_on", STANDBY),
             into(r"weight 60 reverse", "weight 60", "weight 10 reverse", "weight -60"), gone(r"weight 60 reverse"),
             into(r'(script "/usr/bin/ping .*) \S+"', r'\1 10.99.99.99"')))  # fmt: skip
fault("files: standby that never lets go", "it takes what no hub takes from it", "WV-12",
      either(gone(r"a_hub_answers", STANDBY), into(r"weight -60", "weight -20", "weight 0"), gone(r"weight -60")))  # fmt: skip
