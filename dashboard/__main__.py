"""`python -m dashboard COMMAND`: runs one command and turns every failure into one sentence."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from dashboard.commands import build_parser
from dashboard.domain import UserError

WRONG_INPUT = 2
FAILED = 1
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code of the command: 0 done, 1 failed or something is wrong, 2 wrong input, 130 interrupted."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's `… &` leaves it ignored
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    try:
        args = build_parser().parse_args(arguments)
        return int(args.run(args))
    except UserError as error:
        print(error, file=sys.stderr)
        return WRONG_INPUT
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has gone (`… | head`); Python would complain again while it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:
        if os.environ.get("EQL_DEBUG"):
            raise
        print(f"Something unforeseen went wrong ({type(error).__name__}); EQL_DEBUG=1 shows where.", file=sys.stderr)
        return FAILED


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)  # unlike the default, this closes what is open, our Postgres included


if __name__ == "__main__":
    sys.exit(main())
