"""views.*: dialogs and the App Home."""

from bot.sandbox.model import Payload
from bot.sandbox.web_api.registry import Call, method


@method("views.open", tokens=("bot",))
def open_view(call: Call) -> Payload:
    """Opens a dialog for whoever the trigger came from."""
    view = call.arguments.structure("view", "invalid_arguments")
    return {"view": call.context.modals.open(call.arguments.required("trigger_id"), view)}


@method("views.push", tokens=("bot",))
def push(call: Call) -> Payload:
    """Puts a dialog on top of the open one."""
    view = call.arguments.structure("view", "invalid_arguments")
    return {"view": call.context.modals.push(call.arguments.required("trigger_id"), view)}


@method("views.update", tokens=("bot",))
def update(call: Call) -> Payload:
    """Replaces an open dialog."""
    arguments = call.arguments
    updated = call.context.modals.update(
        arguments.structure("view", "invalid_arguments"),
        view_id=arguments.text("view_id"),
        external_id=arguments.text("external_id"),
        hash_=arguments.text("hash"),
    )
    return {"view": updated}


@method("views.publish", tokens=("bot",))
def publish(call: Call) -> Payload:
    """Publishes somebody's App Home."""
    view = call.arguments.structure("view", "invalid_arguments")
    person_id = call.arguments.required("user_id")
    return {"view": call.context.modals.publish(person_id, view, call.arguments.text("hash"))}
