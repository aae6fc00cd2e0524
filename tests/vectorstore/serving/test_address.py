"""Addresses and credentials of a server: what is taken, and what is said of what is not."""

import base64

import pytest

from vectorstore.serving.address import Server, is_server, make_server

SECRET = "s3cret-value"


@pytest.mark.parametrize(
    ("store", "expected"),
    [
        ("http://127.0.0.1:8000", True),
        ("https://chroma.example", True),
        ("ftp://chroma.example", True),
        ("/data/store", False),
        ("store", False),
        (r"C:\store", False),
        ("~/http", False),
    ],
)
def test_an_address_is_told_from_a_folder(store: str, expected: bool) -> None:
    assert is_server(store) is expected


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        (" https://chroma.example/ ", "https://chroma.example"),
        ("https://chroma.example/a/b/", "https://chroma.example/a/b"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_addresses_that_are_taken(address: str, url: str) -> None:
    assert make_server(address).url == url


@pytest.mark.parametrize(
    "address",
    ["ftp://chroma.example", "http://", "http://h:99999", "http://h:x", "https://h?a=1", "https://h#a", "http://h:0"],
)
def test_addresses_that_are_not(address: str) -> None:
    with pytest.raises(ValueError, match="such as"):
        make_server(address)


def test_a_password_does_not_belong_into_the_address() -> None:
    with pytest.raises(ValueError, match="ISISK_QA_STORE_AUTH") as caught:
        make_server(f"https://user:{SECRET}@chroma.example")
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("name", ["ab", "a/../b", "a b c", "", "..."])
def test_names_that_cannot_be_part_of_a_path(name: str) -> None:
    for wrong in ({"tenant": name}, {"database": name}):
        with pytest.raises(ValueError, match=f"STORE_{next(iter(wrong)).upper()}"):
            make_server("http://127.0.0.1:8000", **wrong)  # type: ignore[arg-type]


def test_credentials_become_headers_that_are_not_shown() -> None:
    token = make_server("https://chroma.example", token=SECRET)
    assert dict(token.headers) == {"Authorization": f"Bearer {SECRET}", "X-Chroma-Token": SECRET}
    login = make_server("https://chroma.example", login=f"user:{SECRET}")
    encoded = base64.b64encode(f"user:{SECRET}".encode()).decode()
    assert dict(login.headers) == {"Authorization": f"Basic {encoded}"}
    for shown in (repr(token), token.place, repr(login), login.place):
        assert SECRET not in shown
        assert encoded not in shown


@pytest.mark.parametrize(
    ("address", "credentials", "said"),
    [
        ("http://chroma.example", {"token": SECRET}, "unencrypted"),
        ("http://192.0.2.1:8000", {"login": f"u:{SECRET}"}, "unencrypted"),
        ("https://chroma.example", {"token": SECRET, "login": f"u:{SECRET}"}, "not both"),
        ("https://chroma.example", {"token": f"{SECRET}\nX: y"}, "no token has"),
        ("https://chroma.example", {"login": SECRET}, "user:password"),
    ],
)
def test_credentials_that_are_not_sent(address: str, credentials: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        make_server(address, **credentials)  # type: ignore[arg-type]
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:1", "https://a.example"]
)
def test_credentials_may_go_where_nobody_else_reads(address: str) -> None:
    assert make_server(address, token=SECRET).headers


def test_places_differ_by_server_tenant_and_database() -> None:
    one = make_server("https://a.example")
    others = [
        make_server("https://b.example"),
        make_server("https://a.example", tenant="other"),
        make_server("https://a.example", database="other"),
    ]
    assert len({one.place, *(other.place for other in others)}) == 4
    assert isinstance(one, Server)
