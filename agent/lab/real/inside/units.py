"""A box's stand-in for systemd: what is enabled starts with the box, and again when it ends; nothing else of it."""

from __future__ import annotations

#: Installed as /usr/bin/systemctl. /run/systemd/system exists in a box, because installers ask for it.
SYSTEMCTL = r"""#!/bin/sh
# The lab's stand-in for systemctl: enable, disable, start, stop, restart, is-active and is-enabled of simple services.
units=/etc/systemd/system wants=/etc/systemd/system/multi-user.target.wants state=/run/lab-units
mkdir -p $wants $state
now=
start() {
  [ -e $units/$1.service ] || { echo "Unit $1.service not found." >&2; return 5; }
  is_active $1 && return 0
  command=$(sed -n 's/^ExecStart=-\{0,1\}//p' $units/$1.service)
  rm -f $state/$1.stopped
  (trap '' HUP; cd /; while [ ! -e $state/$1.stopped ]; do
    $command </dev/null >>/var/log/$1.journal 2>&1 & echo $! >$state/$1.pid; wait $!
    grep -q '^Restart=\(always\|on-failure\)' $units/$1.service || break; sleep 1
  done) >/dev/null 2>&1 &
}
stop() {
  : >$state/$1.stopped
  [ -e $state/$1.pid ] || return 0
  pid=$(cat $state/$1.pid); rm -f $state/$1.pid
  kill $pid 2>/dev/null || return 0
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do kill -0 $pid 2>/dev/null || return 0; sleep 0.5; done
  kill -9 $pid
}
is_active() { [ -e $state/$1.pid ] && kill -0 $(cat $state/$1.pid) 2>/dev/null; }
verb=
for word; do case $word in
  --now) now=1 ;;
  -*) ;;
  *) [ -n "$verb" ] || verb=$word ;;
esac; done
[ "$verb" = daemon-reload ] && exit 0
if [ "$verb" = boot ]; then for link in $wants/*.service; do
  [ -e $link ] && start $(basename $link .service)
done; exit 0; fi
code=0 first=1
for word; do
  case $word in -*) continue ;; esac
  [ -n "$first" ] && { first=; continue; }
  unit=${word%.service}
  case $verb in
    enable) if [ -e $units/$unit.service ]; then ln -sf $units/$unit.service $wants/; [ -z "$now" ] || start $unit
      else echo "Unit $unit.service could not be found." >&2; code=1; fi ;;
    disable) rm -f $wants/$unit.service; [ -z "$now" ] || stop $unit ;;
    start) start $unit || code=$? ;;
    stop) stop $unit ;;
    restart) stop $unit; start $unit || code=$? ;;
    is-active) if is_active $unit; then echo active; else echo inactive; code=3; fi ;;
    is-enabled) if [ -e $wants/$unit.service ]; then echo enabled; else echo disabled; code=1; fi ;;
    *) echo "the lab's stand-in for systemctl has no $verb" >&2; exit 1 ;;
  esac
done
exit $code
"""
#: What a box runs when its power comes on.
BOOT = "if [ -x /etc/rc.local ]; then /etc/rc.local; fi\nsystemctl boot\n"
