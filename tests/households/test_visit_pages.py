"""走访帮扶 on the page: position, photos, signature, helpers; scope and refusals."""

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from fanpin.audit.models import AuditEntry
from households.models import Household, Visit, VisitPaper
from households.selectors import places
from tests.factories import register

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 32


@pytest.fixture
def home(household, client, caseworker):
    client.force_login(caseworker)
    return household


def send(client, home, **more):
    fields = {"visited_on": "2021-11-08", "mode": "home", "findings": "房屋后墙有裂缝"} | more
    return client.post(reverse("households:visit_create", args=[home.pk]), fields)


def test_a_visit_keeps_position_photos_and_signature(client, home):
    answer = send(
        client, home, longitude="104.683211", latitude="36.561802", accuracy_m="12", is_home="on",
        photos=[register.photo("一.jpg"), register.photo("二.jpg")],
        signature=SimpleUploadedFile("签名.png", PNG, content_type="image/png"),
    )  # fmt: skip
    assert answer.status_code == 302
    visit = Visit.objects.get()
    assert (str(visit.longitude), visit.accuracy_m) == ("104.683211", 12)
    assert sorted(visit.papers.values_list("kind", flat=True)) == ["photo", "photo", "signature"]
    home.refresh_from_db()
    assert (str(home.longitude), home.coord_system) == ("104.683211", "wgs84")
    page = client.get(reverse("households:visits", args=[home.pk])).content.decode()
    assert "房屋后墙有裂缝" in page
    assert "误差 12 米" in page


def test_the_position_stays_the_visitors_unless_it_is_said_to_be_the_home(client, home):
    send(client, home, longitude="104.683211", latitude="36.561802")
    home.refresh_from_db()
    assert home.longitude is None


def test_a_file_that_is_no_photo_is_refused_and_the_words_stay(client, home):
    fake = SimpleUploadedFile("照片.jpg", b"MZ not a photo", content_type="image/jpeg")
    answer = send(client, home, photos=[fake])
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "“照片.jpg”不是照片" in text
    assert "房屋后墙有裂缝" in text
    assert not Visit.objects.exists()


def test_a_telephone_visit_has_no_position_and_tomorrow_is_refused(client, home):
    assert (
        "只有入户走访才有定位"
        in send(client, home, mode="phone", longitude="104.68", latitude="36.56").content.decode()
    )
    assert "不能晚于今天" in send(client, home, visited_on="2021-11-09").content.decode()
    assert not Visit.objects.exists()


def test_standing_far_from_the_village_is_told(client, home, caseworker):
    for _number in range(5):
        register.household(caseworker)
    Household.objects.exclude(pk=home.pk).update(longitude="104.68", latitude="36.56")
    away = places.distance_from_village(home.village, 104.68, 36.86)
    assert away == pytest.approx(33.4, abs=0.1)
    send(client, home, longitude="104.68", latitude="36.86")
    page = client.get(reverse("households:visits", args=[home.pk])).content.decode()
    assert "约33.4公里，超出允许偏差15公里" in page
    assert "本村已定位 5 户" in page


def test_opening_a_photo_is_kept_and_strangers_do_not_see_it(client, home, tree):
    send(client, home, photos=[register.photo()])
    url = reverse("households:visit_paper", args=[VisitPaper.objects.get().pk])
    shown = client.get(url)
    assert b"".join(shown.streaming_content).startswith(b"\xff\xd8\xff")  # type: ignore[arg-type]
    assert AuditEntry.objects.filter(verb="visit.paper_opened").count() == 1
    client.force_login(register.user("village_caseworker", register.OTHER_VILLAGE))
    assert client.get(url).status_code == 404
    assert client.get(reverse("households:visit_create", args=[home.pk])).status_code == 404


def test_a_helper_is_assigned_and_ended_on_the_page(client, home):
    url = reverse("households:helper_assign", args=[home.pk])
    person = {
        "name": "孙帮扶", "sex": "1", "political_status": "", "unit": "县教育局",
        "phone": "1390000", "start_on": "2021-10-01",
    }  # fmt: skip
    wrong = client.post(url, person)
    assert wrong.status_code == 422
    assert "请填写11位手机号码" in wrong.content.decode()
    client.post(url, person | {"phone": "13900000000"})
    care = home.helpings.get()
    page = client.get(reverse("households:visits", args=[home.pk])).content.decode()
    assert "139****0000" in page
    client.post(reverse("households:helping_end", args=[care.pk]))
    care.refresh_from_db()
    assert care.end_on == datetime.date(2021, 11, 8)
