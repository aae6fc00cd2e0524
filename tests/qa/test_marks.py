from concurrent.futures import ThreadPoolExecutor

from qa.marks import given_mark, new_mark


def test_no_mark_comes_twice() -> None:
    marks = {new_mark() for _ in range(100)}
    assert len(marks) == 100
    assert {len(mark) for mark in marks} == {64}


def test_a_given_mark_holds_inside_only_and_in_its_thread_only() -> None:
    with given_mark("mine"):
        assert new_mark() == "mine"
        with given_mark("another"):
            assert new_mark() == "another"
        assert new_mark() == "mine"
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(new_mark).result() != "mine"
    assert new_mark() != "mine"
