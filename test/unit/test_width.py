"""The width that is found while requests run, on simulated servers and a clock that no thread moves."""

import heapq
import itertools

import pytest

from tfm.width import Width, forget_widths, width_of


class Server:
    """Answers after a latency, so many a second at most, and refuses when too many are on their way."""

    def __init__(self, latency=0.03, pace=float("inf"), refuses_from=10_000, connecting=0.0):
        self.latency, self.pace, self.refuses_from, self.connecting = latency, pace, refuses_from, connecting
        self.free_at = 0.0

    def answers_at(self, now, new):
        self.free_at = max(self.free_at, now) + 1 / self.pace
        return max(now + self.latency + (self.connecting if new else 0), self.free_at)


class Run:
    """Requests to a server, as many at once as the width says, until so many have ended or time is up."""

    def __init__(self, server, width=None, looks=False):
        self.now, self.server, self.looks = 0.0, server, looks
        self.width = width or Width(lambda: self.now)
        self.limits, self.refusals, self.begun = [(0.0, self.width.limit)], 0, itertools.count()
        self.under_way = []

    def send(self, new):
        refused = len(self.under_way) >= self.server.refuses_from
        heapq.heappush(self.under_way, (self.server.answers_at(self.now, new), next(self.begun), refused, self.now))

    def go(self, requests, more=lambda now: True):
        """Run; gives the seconds it took."""
        start, done = self.now, 0
        while self.width.claim():
            self.send(new=True)
        while done < requests:
            self.now, _, refused, sent = heapq.heappop(self.under_way)
            if refused:
                self.refusals += 1
                self.width.slow_down()
            else:
                done += 1
            self.width.ended(more=more(self.now), took=self.now - sent if self.looks else None)
            if self.width.limit != self.limits[-1][1]:
                self.limits.append((self.now, self.width.limit))
            if self.width.exceeded():
                self.width.release()
            else:
                self.send(new=False)
            while self.width.claim():
                self.send(new=True)
        return self.now - start

    def reached(self, limit):
        """The time at which the width was first so much."""
        return next((when for when, width in self.limits if width >= limit), None)


def test_latency_is_hidden_within_a_few_round_trips():
    run = Run(Server(latency=0.03))
    seconds = run.go(5000)
    assert run.limits[0] == (0.0, 16)
    assert run.reached(128) < 0.2
    assert run.width.limit == 256
    assert seconds < 0.9


def test_connections_that_are_slow_to_make_do_not_end_the_growth():
    run = Run(Server(latency=0.03, connecting=0.09))
    run.go(5000)
    assert run.reached(128) < 0.6
    assert run.width.limit >= 128


def test_whoever_looks_how_long_each_answer_takes_grows_faster():
    run = Run(Server(latency=0.03), looks=True)
    seconds = run.go(5000)
    assert run.limits[0] == (0.0, 16)
    assert run.reached(256) < 4 * 0.03 + 0.001
    assert seconds < 0.7
    run.width.slow_down()
    assert run.width.limit == 128, "a server that asks for it is heard all the same"
    run.go(256)
    assert 128 <= run.width.limit <= 132
    run.go(256)
    assert run.width.limit < 140


@pytest.mark.parametrize("looks", [False, True])
@pytest.mark.parametrize("pace", [200, 1000, 5000])
def test_a_line_that_is_full_is_not_crowded(pace, looks):
    run = Run(Server(latency=0.002, pace=pace), looks=looks)
    seconds = run.go(3 * pace)
    assert run.width.limit <= 32
    assert seconds < 1.1 * 3


@pytest.mark.parametrize("looks", [False, True])
def test_a_server_that_does_so_many_at_once_gets_about_so_many(looks):
    run = Run(Server(latency=0.03, pace=64 / 0.03), looks=looks)
    run.go(20_000)
    assert 64 <= run.width.limit <= 128


def test_a_refusal_halves_and_what_was_under_way_then_does_not_halve_again():
    now = [0.0]
    width = Width(lambda: now[0], first=64)
    now[0] = 1.0
    width.slow_down()
    width.slow_down()
    assert width.limit == 32
    now[0] = 1.5
    width.slow_down()
    assert width.limit == 16
    for second in range(20):
        now[0] = 2.0 + second
        width.slow_down()
    assert width.limit == 1


def test_a_server_that_refuses_is_met_at_what_it_can_do():
    server = Server(latency=0.03, refuses_from=50)
    run = Run(server)
    seconds = run.go(20_000)
    assert seconds < 20_000 / (50 / 0.03) * 1.7
    assert run.refusals < 20_000 * 0.08  # for a round trip, all that comes above the limit is refused
    server.refuses_from = 10_000
    run.go(40_000)
    assert run.width.limit > 100


def test_growth_is_tried_again_after_a_while():
    server = Server(latency=0.03, pace=300)
    run = Run(server)
    run.go(600)
    assert run.width.limit <= 16
    server.pace = float("inf")
    run.go(30_000)
    assert run.width.limit >= 128


def test_too_little_work_says_nothing_about_the_width():
    run = Run(Server(latency=0.03))
    run.go(2000, more=lambda now: False)
    assert run.width.limit == 16
    run.go(2000)
    assert run.width.limit == 256


def test_places_are_claimed_up_to_the_limit_and_given_back():
    width = Width(first=2)
    assert [width.claim() for _ in range(3)] == [True, True, False]
    assert width.claim(always=True)
    assert width.exceeded()
    width.release()
    width.release()
    assert not width.exceeded()
    assert width.claim()


def test_a_storage_has_one_width_until_all_are_forgotten():
    forget_widths()
    one = width_of(("s3", "a"))
    assert width_of(("s3", "a")) is one
    assert width_of(("s3", "b")) is not one
    forget_widths()
    assert width_of(("s3", "a")) is not one


def test_a_cap_is_never_exceeded():
    run = Run(Server())
    run.width.cap(5)
    assert run.width.limit == 5
    run.go(2_000)
    assert max(limit for at, limit in run.limits[1:]) <= 5
    wide = Width(first=2, most=2)
    wide.cap(64)
    assert wide.limit == 2  # it grows from there, if that is worth it
