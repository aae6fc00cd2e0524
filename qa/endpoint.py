"""The address of an OpenAI-compatible endpoint, and the key that may be sent there."""

from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr

from qa.errors import SettingsError
from vectorstore.serving.address import may_carry_secrets

OPENAI_URL = "https://api.openai.com/v1"


def checked_endpoint(base_url: str | None, api_key: SecretStr | None) -> tuple[SplitResult, str | None]:
    """An endpoint's address and the key that it may be sent; ``base_url`` None is OpenAI's. Raises SettingsError."""
    url, key = checked_url(base_url or OPENAI_URL), _checked_key(api_key)
    if key is None and base_url is None:
        raise SettingsError("OpenAI wants a key; set ISISK_QA_API_KEY, or ISISK_QA_BASE_URL for another endpoint.")
    if key and not may_carry_secrets(url):
        raise SettingsError(f"The key would travel to {host(url)} unencrypted; use an https address, or unset the key.")
    return url, key


def checked_url(address: str) -> SplitResult:
    wrong = SettingsError("ISISK_QA_BASE_URL must be an http or https address such as http://127.0.0.1:11434/v1.")
    try:
        url = urlsplit(address.strip())
        usable = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise wrong
    if url.username or url.password:
        raise SettingsError("ISISK_QA_BASE_URL must not hold a password; put the key into ISISK_QA_API_KEY.")
    return url


def _checked_key(secret: SecretStr | None) -> str | None:
    key = secret.get_secret_value().strip() if secret else ""
    # Anything else cannot be a header's value, and the HTTP library's error would quote it.
    if not all("!" <= character <= "~" for character in key):
        raise SettingsError("The API key holds a blank or a character that no key has; check ISISK_QA_API_KEY.")
    return key or None


def host(url: SplitResult) -> str:
    return url.netloc.rpartition("@")[2]
