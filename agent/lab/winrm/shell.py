"""One PSRP runspace pool of the stub: psrpcore's server half on the wire side, the stub's PowerShell behind it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from threading import Condition, Thread

import psrpcore
from psrpcore.types import (
    ErrorCategoryInfo,
    ErrorRecord,
    NETException,
    PipelineState,
    PSCustomObject,
    PSInvocationState,
    PSObject,
)

from agent.lab.winrm.errors import PowerShellError
from agent.lab.winrm.runner import Cmdlet, Runspace, Thing


class Cut(Exception):
    """A fault: the server goes away in the middle; whatever ran stops there."""


@dataclass
class Outbox:
    """What is to be sent for a pipeline, or for the pool under None; ``over``: nothing more will come."""

    pieces: list[bytes] = field(default_factory=list)
    over: bool = False


class Shell:
    """A session: feed it what a client sends, take what is to be sent back. Pipelines run in threads of their own."""

    def __init__(self, cmdlet: Cmdlet) -> None:
        self._pool = psrpcore.ServerRunspacePool()
        self._runspace = Runspace(cmdlet)
        self._pipelines: dict[uuid.UUID, psrpcore.ServerPipeline] = {}
        self._outboxes: dict[uuid.UUID | None, Outbox] = {None: Outbox()}
        self._ready = Condition()
        self.cut = False

    def feed(self, data: bytes, pipeline: uuid.UUID | None = None) -> None:
        """Take a client's message; a new pipeline begins to run."""
        with self._ready:
            if pipeline is not None and pipeline not in self._pipelines:
                self._pipelines[pipeline] = psrpcore.ServerPipeline(self._pool, pipeline)
                self._outboxes[pipeline] = Outbox()
            self._pool.receive_data(psrpcore.PSRPPayload(data, psrpcore.StreamType.default, pipeline))
            while (event := self._pool.next_event()) is not None:
                if isinstance(event, psrpcore.CreatePipelineEvent) and event.pipeline_id is not None:
                    commands = list(event.pipeline.commands)
                    Thread(target=self._run, args=(event.pipeline_id, commands), daemon=True).start()
            self._collect()

    def take(self, pipeline: uuid.UUID | None, timeout_s: float) -> tuple[list[bytes], bool]:
        """What there is for a pipeline, after waiting for it, and whether that is all."""
        with self._ready:
            outbox = self._outboxes.setdefault(pipeline, Outbox())
            self._ready.wait_for(lambda: bool(outbox.pieces) or outbox.over or self.cut, timeout_s)
            pieces, outbox.pieces = outbox.pieces, []
            return pieces, outbox.over

    def _run(self, number: uuid.UUID, commands: list[psrpcore.Command]) -> None:
        pipeline = self._pipelines[number]
        try:
            with self._ready:
                pipeline.start()
                self._collect()
            for value in self._outputs(commands):
                with self._ready:
                    pipeline.write_output(_sent(value))
                    self._collect()
            self._end(number, None)
        except PowerShellError as error:
            self._end(number, error)
        except Cut:
            with self._ready:
                self.cut = True
                self._ready.notify_all()

    def _outputs(self, commands: list[psrpcore.Command]) -> Iterator[object]:
        self._runspace.errors.clear()
        if len(commands) == 1 and commands[0].is_script:
            return self._runspace.script(str(commands[0].command_text))
        if any(one.is_script for one in commands):
            raise PowerShellError("this stub pipes cmdlets, not scripts", "NotSupported", fatal=True)
        calls = [(str(one.command_text), _parameters(one)) for one in commands]
        return self._runspace.pipeline(calls)

    def _end(self, number: uuid.UUID, error: PowerShellError | None) -> None:
        pipeline = self._pipelines[number]
        with self._ready:
            for record in self._runspace.errors:
                pipeline.write_error(_exception(record), fully_qualified_error_id=record.identifier)
            if error is None:
                pipeline.complete()
            else:
                state = PipelineState(PipelineState=int(PSInvocationState.Failed))
                state.ExceptionAsErrorRecord = ErrorRecord(
                    Exception=_exception(error),
                    CategoryInfo=ErrorCategoryInfo(),
                    FullyQualifiedErrorId=error.identifier,
                )
                pipeline.prepare_message(state)
            self._collect()
            self._outboxes[number].over = True
            self._ready.notify_all()

    def _collect(self) -> None:
        while (piece := self._pool.data_to_send()) is not None:
            self._outboxes.setdefault(piece.pipeline_id, Outbox()).pieces.append(piece.data)
        self._ready.notify_all()


def _exception(error: PowerShellError) -> NETException:
    return NETException(Message=error.message)


def _parameters(command: psrpcore.Command) -> dict[str, object]:
    if any(name is None for name, _ in command.parameters):
        raise PowerShellError("this stub takes parameters by name only", "PositionalParameterNotFound", fatal=True)
    return {str(name): _received(value) for name, value in command.parameters}


def _received(value: object) -> object:
    """A value that came over the wire as the stub's PowerShell has it."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, bytes | bytearray):
        return bytes(value)
    if isinstance(value, list | tuple):
        return [_received(one) for one in value]
    if isinstance(value, int):
        return int(value)
    return str(value)


def _sent(value: object) -> object:
    """A value as it goes over the wire: objects with their properties, arrays of bytes as one."""
    if isinstance(value, Thing):
        return _custom(value.kind, value.properties)
    return value


def _custom(kind: str, properties: Mapping[str, object]) -> PSObject:
    return PSCustomObject(
        PSTypeName=f"Microsoft.Rtc.Management.{kind}", **{key: _sent(v) for key, v in properties.items()}
    )
