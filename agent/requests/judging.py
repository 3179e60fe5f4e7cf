"""Whether a request can be done at all: its form, the catalogue, the site, and the inventory as it would become."""

from __future__ import annotations

from pydantic import ValidationError

from agent.errors import ConfigurationProblem, Refused
from agent.requests.catalogue import kinds
from agent.requests.kind import Change, Conflict, Kind, Parameters
from agent.requests.model import Request, Submission
from agent.requests.ports import Intents, Service
from inventory import Inventory, InventoryError, Problem, Severity, SiteView
from inventory.delivery import hold_reasons
from inventory.intent import Entry
from inventory.loading.words import sentences

#: What a request is proposed as before it has a reference.
_UNNAMED = "SSR-000000"
#: How many of the reasons against a request are told.
TOLD = 5


def kind_of(name: str) -> Kind:
    """The kind of that name; Refused where there is none."""
    found = kinds().get(name)
    if found is None:
        raise Refused(
            f"there is no kind of request {name!r}", remedy="spokesman request catalogue lists them", rule="WV-22"
        )
    return found


def parameters_of(submission: Submission) -> Parameters:
    """The checked parameters; Refused, in plain words, where they are not what the kind takes."""
    kind = kind_of(submission.kind)
    try:
        return kind.parameters.model_validate(submission.parameters)
    except ValidationError as error:
        told = sentences(error, submission.parameters, kind.parameters)
        words = "; ".join(
            f"{'.'.join(map(str, one.path))[:60] or 'the parameters'} {one.message} ({one.remedy})" for one in told[:10]
        )
        remedy = f"spokesman request catalogue {kind.name} shows the parameters"
        raise Refused(words, where=kind.name, remedy=remedy) from None


def entry_of(request: Request) -> Entry:
    """What a request makes intent."""
    return Entry(request=request.reference, kind=request.submission.kind, edits=request.edits)


def judged(inventory: Inventory, intents: Intents, service: Service, submission: Submission) -> Change:
    """What the request comes to, proved against every rule; raises Conflict with the reason."""
    kind, parameters = kind_of(submission.kind), parameters_of(submission)
    if kind.order or kind.change is None:
        raise Conflict(
            "this changes recurring charges and is no simple service request",
            rule=", ".join(kind.clauses),
            remedy=f"it needs an order: {kind.order}",
            order=kind.order,
        )
    view = _site(inventory, submission)
    _refuse_unready(view, service)
    change = kind.change(inventory, view, parameters)
    try:
        intents.proposed(submission.customer, Entry(request=_UNNAMED, kind=submission.kind, edits=change.edits))
    except InventoryError as error:
        raise Conflict(conflict_words(error), remedy="change the request, or what it conflicts with") from None
    return change


def conflict_words(error: InventoryError) -> str:
    """Why the inventory would refuse it, without the place in a file that does not exist."""
    errors = [problem for problem in error.problems if problem.severity is Severity.ERROR]
    more = f"; and {len(errors) - TOLD} more" if len(errors) > TOLD else ""
    return "; ".join(_words(problem) for problem in errors[:TOLD]) + more


def _words(problem: Problem) -> str:
    rule = f" [{problem.rule}]" if problem.rule else ""
    return f"{problem.field}: {problem.message}{rule}"


def _site(inventory: Inventory, submission: Submission) -> SiteView:
    customer = inventory.customers.get(submission.customer)
    if customer is None or submission.site not in customer.sites:
        known = ", ".join(sorted(customer.sites)) if customer else "none of this customer"
        raise Conflict(f"there is no site {submission.place}", rule="WV-22", remedy=f"known: {known}")
    return SiteView(customer, submission.site, customer.sites[submission.site])


def _refuse_unready(view: SiteView, service: Service) -> None:
    """A request is for a router that is in service [WV-22]; before, it is a change of an order in flight [WV-24]."""
    held = hold_reasons(view)
    if held:
        text = "; ".join(f"{problem.message} [{problem.rule}]" for problem in held)
        raise Conflict(f"{view.key} is on hold: {text}", remedy="; ".join(problem.remedy for problem in held))
    if not service.in_service(view.key):
        orders = ", ".join(order.reference for order in view.site.orders)
        which = orders if len(view.site.orders) == 1 else "…"
        raise Conflict(
            f"{view.key} is not in service: before that, this changes an order in flight",
            rule="WV-24",
            remedy=f"record it: spokesman request charge add order_change {view.key} --change cpe_configuration "
            f"--about order={which}",
            order=f"in-flight change (CPE configuration) of {orders}",
        )


def needs_approval(inventory: Inventory, kind: Kind) -> bool:
    """Whether a person approves requests of this kind; ConfigurationProblem where the policy names none."""
    policy = inventory.settings.requests.approval
    unknown = sorted(set(policy) - set(kinds()))
    if unknown:
        raise ConfigurationProblem(
            f"no kind of request is named {', '.join(unknown)}",
            where="spokesman.toml [requests] approval",
            remedy="spokesman request catalogue lists them",
        )
    return policy.get(kind.name, kind.approval)
