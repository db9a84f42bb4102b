"""What is refused, in sentences for the user."""


class Refused(Exception):
    """Something that cannot be done; `messages` are for the user."""

    def __init__(self, *messages: str):
        super().__init__("\n".join(messages))
        self.messages = messages
