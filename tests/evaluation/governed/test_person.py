from hocket.evaluation.governed.person import PATIENCE_S, person_of
from hocket.protocol.events import Muted, StopPressed, TextTyped

PEOPLE = [person_of(seed, 100) for seed in range(60)]


def test_a_seed_is_a_person_and_people_differ() -> None:
    assert person_of(7, 100).events == PEOPLE[7].events
    assert len({person.events for person in PEOPLE}) == len(PEOPLE)
    assert len({(person.mode, person.switches, person.patient) for person in PEOPLE}) > 10
    assert {person.line.lost for person in PEOPLE} == {0.0, 0.3, 1.0}


def test_the_patient_take_nothing_back_in_the_time_of_a_stop() -> None:
    patient = [person for person in PEOPLE if person.patient]
    asked = 0
    for person in patient:
        assert person.words == 0  # heard words take a stop back
        for at_s, event in person.events:
            if not (isinstance(event, StopPressed) or event == Muted(on=True)):
                continue
            asked += 1
            soon = [e for t, e in person.events if at_s < t < at_s + PATIENCE_S]
            assert not any(isinstance(e, TextTyped | Muted) for e in soon)
    assert asked > 50
