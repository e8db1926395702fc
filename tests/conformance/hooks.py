"""What Schemathesis does not know: how the bytes of an upload are sent."""

import schemathesis


@schemathesis.serializer("application/offset+octet-stream")
def bytes_of_upload(ctx, value):
    return value if isinstance(value, bytes) else str(value).encode()
