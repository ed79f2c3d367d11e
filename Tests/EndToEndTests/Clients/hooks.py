"""What schemathesis should know about HTTP."""

import schemathesis


@schemathesis.hook
def filter_case(context, case):
    """A header that nobody knows violates nothing: proxies add them, and servers pass them over."""
    return "x-schemathesis-unknown-property" not in {name.lower() for name in (case.headers or {})}
