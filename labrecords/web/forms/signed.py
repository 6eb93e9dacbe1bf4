"""The part of a form by which somebody signs: who it is, and the password that proves it."""

from __future__ import annotations

from wtforms import PasswordField, StringField

from labrecords.actions.accounts import NotProved
from labrecords.actions.door import Invalid
from labrecords.actions.signing import Proof
from labrecords.web.forms.shared import WritingForm
from labrecords.web.signed_in import prove, signed_in_actor

STATEMENT = (
    "By signing I confirm that this is my electronic signature, equal to my handwritten one. It is bound to the "
    "digest above and cannot be taken back."
)


class SignedForm(WritingForm):
    """A form that is signed, by whoever is signed in or by somebody else beside them."""

    username = StringField("Signed by")
    password = PasswordField("Password")

    def proof(self) -> Proof:
        """That it is who it says. Raises Invalid at the password."""
        try:
            return prove(self.username.data or "", self.password.data or "")
        except NotProved as failure:
            raise Invalid({"password": str(failure)}) from failure

    @property
    def prints_as(self) -> str:
        """The name that is printed, where who signs is who is signed in; else it is known once they have proved it."""
        actor = signed_in_actor()
        return actor.name if self.username.data == actor.username else ""
