"""The one exception that is meant for a person to read."""


class UserError(Exception):
    """Something outside the program is wrong, and the user can put it right.

    The message is one sentence that says what is wrong and what to do. The
    command line prints it without a traceback and exits with status 1.
    """

    def __init__(self, message: str) -> None:
        # A data loader passes an error of its worker process on with a whole
        # traceback as the message; the sentence is what follows the last name.
        super().__init__(message.rsplit("UserError: ", 1)[-1].strip())
