"""Where a Chroma server is, and what it is shown to be let in."""

import base64
import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

TENANT, DATABASE = "default_tenant", "default_database"

# They become parts of a path.
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{2,}", re.ASCII)


def is_server(store: str) -> bool:
    """Whether a store is named by an address rather than by a folder."""
    return re.match(r"[A-Za-z][\w+.-]*://", store) is not None


@dataclass(frozen=True, slots=True)
class Server:
    """A database of a Chroma server. ``patience_s`` is how long one that does not answer is waited for.

    ``headers`` hold the credentials; they are sent with every request and shown nowhere.
    """

    url: str
    tenant: str = TENANT
    database: str = DATABASE
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    patience_s: float = 10.0

    @property
    def place(self) -> str:
        """What tells this database from every other; no credential is part of it."""
        return f"{self.url} {self.tenant}/{self.database}"

    @property
    def is_local(self) -> bool:
        return _is_loopback(urlsplit(self.url))


def make_server(
    address: str,
    *,
    token: str | None = None,
    login: str | None = None,
    tenant: str = TENANT,
    database: str = DATABASE,
    patience_s: float = 10.0,
) -> Server:
    """A server by its http or https address. ``login`` is user:password.

    Raises ValueError, with one sentence that never holds a credential.
    """
    url = _checked(address)
    for name, value in (("ISISK_QA_STORE_TENANT", tenant), ("ISISK_QA_STORE_DATABASE", database)):
        if not _NAME.fullmatch(value):
            raise ValueError(f"{name} must have three or more letters, digits, dots, hyphens or underscores.")
    headers = _credentials(token, login)
    if headers and not (url.scheme == "https" or _is_loopback(url)):
        raise ValueError(
            f"The credentials would travel to {url.netloc} unencrypted; give --store an https address, or unset "
            "ISISK_QA_STORE_TOKEN and ISISK_QA_STORE_AUTH."
        )
    return Server(f"{url.scheme}://{url.netloc}{url.path.rstrip('/')}", tenant, database, headers, patience_s)


def _checked(address: str) -> SplitResult:
    try:
        url = urlsplit(address.strip())
        usable = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        usable = False
    if not usable or url.query or url.fragment:
        raise ValueError(
            "The address of the store must be one such as http://127.0.0.1:8000 or https://chroma.example."
        )
    if "@" in url.netloc:
        raise ValueError(
            "The address of the store must not hold a password; put it into ISISK_QA_STORE_AUTH as user:password."
        )
    return url


def _credentials(token: str | None, login: str | None) -> tuple[tuple[str, str], ...]:
    if token and login:
        raise ValueError("Set either ISISK_QA_STORE_TOKEN or ISISK_QA_STORE_AUTH, not both.")
    if token:
        # Anything else cannot be a header's value, and the HTTP library's error would quote it.
        if not all("!" <= character <= "~" for character in token):
            raise ValueError("ISISK_QA_STORE_TOKEN holds a blank or a character that no token has.")
        # A server looks at one of the two, according to its own settings.
        return (("Authorization", f"Bearer {token}"), ("X-Chroma-Token", token))
    if login:
        if ":" not in login:
            raise ValueError("ISISK_QA_STORE_AUTH must be user:password.")
        return (("Authorization", f"Basic {base64.b64encode(login.encode()).decode()}"),)
    return ()


def _is_loopback(url: SplitResult) -> bool:
    name = url.hostname or ""
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False
