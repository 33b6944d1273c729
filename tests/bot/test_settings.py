"""The environment becomes Settings, or every wrong and missing name is printed at once."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.parts import own_interpreter
from bot.settings import Settings, default_home, parse_master_key
from core.domain.payments.rails import Rail

KEY = bytes(range(32))


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name == "DATABASE_URL" or name == "PUBLIC_URL" or name.startswith(("TUPPENCE_", "TELEGRAM_", "TWILIO_", "OPENAI_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TUPPENCE_HOME", str(tmp_path / "home"))


def refused(capsys: pytest.CaptureFixture[str]) -> list[str]:
    with pytest.raises(SystemExit) as stopped:
        Settings.load()
    assert stopped.value.code == 2
    return [line.strip() for line in capsys.readouterr().err.splitlines()[1:]]


def test_defaults_need_no_variable_at_all() -> None:
    settings = Settings.load()
    assert (settings.host, settings.port, settings.database_url, settings.public_url) == ("127.0.0.1", 8000, None, None)
    assert settings.address == "http://127.0.0.1:8000"
    assert settings.telegram_api_base == "https://api.telegram.org"
    assert settings.home.stat().st_mode & 0o777 == 0o700


def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "TUPPENCE_PORT", "PUBLIC_URL", "TELEGRAM_BOT_TOKEN", "TELEGRAM_API_BASE", "TUPPENCE_MASTER_KEY"):
        monkeypatch.setenv(name, "")
    settings = Settings.load()
    assert (settings.database_url, settings.port, settings.telegram_bot_token) == (None, 8000, None)
    assert len(settings.master_key) == 32


def test_everything_wrong_or_missing_is_said_at_once_and_no_secret_with_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://me:hunter2@db/money")
    monkeypatch.setenv("TUPPENCE_PORT", "eight")
    monkeypatch.setenv("PUBLIC_URL", "example.org")
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "123 secret")
    monkeypatch.setenv("TELEGRAM_WEBHOOK_SECRET", "hunter2")
    monkeypatch.setenv("TELEGRAM_API_BASE", "http://127.0.0.1:47120/bot")
    monkeypatch.setenv("TWILIO_SMS_FROM", "+15550100")
    monkeypatch.setenv("TUPPENCE_MASTER_KEY", "hunter2")
    lines = refused(capsys)
    assert {line.partition(":")[0] for line in lines} == {
        "DATABASE_URL",
        "TUPPENCE_PORT",
        "PUBLIC_URL",
        "TELEGRAM_BOT_TOKEN",
        "TELEGRAM_WEBHOOK_SECRET",
        "TELEGRAM_API_BASE",
        "TWILIO_ACCOUNT_SID",
        "TWILIO_AUTH_TOKEN",
        "TUPPENCE_MASTER_KEY",
    }
    assert len(lines) == 9
    assert not any(secret in "".join(lines) for secret in ("hunter2", "123 secret"))


@pytest.mark.parametrize("form", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_database_url_in_the_forms_that_other_tools_write(monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    monkeypatch.setenv("DATABASE_URL", f"{form}://me:pw@db:5432/money?sslmode=require")
    assert Settings.load().database_url == "postgresql://me:pw@db:5432/money?sslmode=require"


def test_secrets_stay_out_of_what_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:hunter2@db/money")
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC1")
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "hunter2")
    monkeypatch.setenv("OPENAI_API_KEY", "hunter2")
    monkeypatch.setenv("TUPPENCE_MASTER_KEY", KEY.hex())
    assert "hunter2" not in repr(Settings.load())
    assert KEY.hex() not in repr(Settings.load())


def test_wallets_whose_links_may_be_opened(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert Settings.load().payment_links == frozenset()
    monkeypatch.setenv("PAYMENT_LINKS", "PayPal, venmo,")
    assert Settings.load().payment_links == {Rail.PAYPAL, Rail.VENMO}
    monkeypatch.setenv("PAYMENT_LINKS", "paypal,pix")  # whose code needs nobody's word
    with pytest.raises(SystemExit):
        Settings.load()
    assert "PAYMENT_LINKS: must be some of cashapp, monzo, paypal, revolut, swish, venmo, wise" in capsys.readouterr().err


def test_templates_of_whatsapp_by_language(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert Settings.load().twilio_whatsapp_templates == {}
    one, two = f"HX{1:032x}", f"HX{2:032x}"
    for name, value in (("ACCOUNT_SID", f"AC{1:032x}"), ("AUTH_TOKEN", "hunter2"), ("WHATSAPP_FROM", "+15550100")):
        monkeypatch.setenv(f"TWILIO_{name}", value)
    monkeypatch.setenv("PUBLIC_URL", "https://tuppence.example.org")
    monkeypatch.setenv("TWILIO_WHATSAPP_TEMPLATE", one)
    assert Settings.load().twilio_whatsapp_templates == {"": one}
    monkeypatch.setenv("TWILIO_WHATSAPP_TEMPLATE", f"{one}, de:{two}")
    assert Settings.load().twilio_whatsapp_templates == {"": one, "de": two}
    monkeypatch.setenv("TWILIO_WHATSAPP_TEMPLATE", "de=HX1")
    with pytest.raises(SystemExit):
        Settings.load()
    assert "TWILIO_WHATSAPP_TEMPLATE: must be a ContentSid" in capsys.readouterr().err


def test_whose_groups_are_served(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert Settings.load().groups == "anyone"
    monkeypatch.setenv("TUPPENCE_GROUPS", "known")
    assert Settings.load().groups == "known"
    monkeypatch.setenv("TUPPENCE_GROUPS", "friends")
    with pytest.raises(SystemExit):
        Settings.load()
    assert "TUPPENCE_GROUPS" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text", [KEY.hex(), KEY.hex().upper(), base64.b64encode(KEY).decode(), base64.urlsafe_b64encode(KEY).decode().rstrip("="), f"{KEY.hex()}\n"]
)
def test_a_master_key_as_hex_or_base64(text: str) -> None:
    assert parse_master_key(text) == KEY


@pytest.mark.parametrize("text", ["", "short", KEY.hex()[:-2], "é" * 32, base64.b64encode(KEY[:31]).decode()])
def test_no_master_key(text: str) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        parse_master_key(text)


def test_the_master_key_is_made_once_and_closed_to_others() -> None:
    settings = Settings.load()
    first = settings.master_key
    assert settings.master_key == first == Settings.load().master_key
    assert (settings.home / "master.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in settings.home.iterdir()] == ["master.key"]


def test_processes_that_start_at_once_agree_on_the_master_key() -> None:
    program = "from bot.settings import Settings; print(Settings.load().master_key.hex())"
    started = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert len({process.communicate()[0] for process in started}) == 1


def test_a_lost_master_key_is_not_replaced_in_silence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "home" / "data").mkdir(parents=True)
    settings = Settings.load()
    with pytest.raises(SystemExit) as stopped:
        _ = settings.master_key
    assert stopped.value.code == 2
    assert "master.key is gone" in capsys.readouterr().err


def test_a_damaged_master_key_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings.load()
    (settings.home / "master.key").write_text("x")
    with pytest.raises(SystemExit):
        _ = settings.master_key
    assert "master.key is damaged" in capsys.readouterr().err


def test_a_home_shared_with_other_things_keeps_its_mode(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o755)
    (home / "letters.txt").touch()
    Settings.load()
    assert home.stat().st_mode & 0o777 == 0o755


def test_a_home_that_cannot_be_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TUPPENCE_HOME", str(tmp_path / "file" / "home"))
    assert refused(capsys) == [f"TUPPENCE_HOME: {tmp_path}/file/home: Not a directory"]


def test_the_home_follows_the_platform() -> None:
    assert default_home(platform="linux", environment={"XDG_DATA_HOME": "/data"}) == Path("/data/tuppence")
    assert default_home(platform="linux", environment={"XDG_DATA_HOME": "relative"}) == Path.home() / ".local/share/tuppence"
    assert default_home(platform="darwin", environment={"XDG_DATA_HOME": "/data"}) == Path.home() / "Library/Application Support/tuppence"


@pytest.mark.parametrize(
    ("variables", "asked"),
    [
        ({}, None),
        ({"OPENAI_MODEL": "small"}, None),
        ({"OPENAI_API_KEY": "sk-secret"}, "https://api.openai.com/v1"),
        ({"OPENAI_BASE_URL": "http://127.0.0.1:9/v1/"}, "http://127.0.0.1:9/v1"),
    ],
)
def test_a_model_is_asked_only_where_its_key_or_address_is_set(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], asked: str | None) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL"):
        monkeypatch.setenv(name, variables.get(name, ""))
    settings = Settings.load()
    assert settings.asks_model is (asked is not None)
    assert (own_interpreter(settings) is not None) is (asked is not None)
    if asked is not None:
        assert settings.openai_base_url == asked


def test_every_variable_is_documented() -> None:
    shown = (Path(__file__).parents[2] / "docs" / "self-hosting.md").read_text()
    names = {str(field.validation_alias) for field in Settings.model_fields.values()} - {"TUPPENCE_FAILPOINTS"}
    assert len(names) > 15
    assert {name for name in names if f"`{name}`" not in shown} == set()


@pytest.mark.parametrize("url", ["https://www.ecb.example/daily.xml", "http://127.0.0.1:9000/daily.xml", "http://localhost/daily.xml"])
def test_rates_come_by_https_or_from_this_machine(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    assert Settings.load().rates_url is None
    monkeypatch.setenv("TUPPENCE_RATES_URL", url)
    assert Settings.load().rates_url == url


@pytest.mark.parametrize("url", ["http://www.ecb.example/daily.xml", "http://127.example.org/", "ftp://127.0.0.1/x", "https://"])
def test_rates_that_others_could_change_are_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str) -> None:
    monkeypatch.setenv("TUPPENCE_RATES_URL", url)
    assert refused(capsys)[0].startswith("TUPPENCE_RATES_URL: must b")


@pytest.mark.parametrize("url", ["smtp://mail.example.org", "smtp://u%40x:p%3Aw@mail.example.org:2525", "smtps://mail.example.org/"])
def test_where_mail_is_handed_over(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("TUPPENCE_SMTP_URL", url)
    monkeypatch.setenv("TUPPENCE_MAIL_FROM", "Tuppence <money@example.org>")
    settings = Settings.load()
    assert settings.smtp_url is not None and settings.smtp_url.get_secret_value() == url and "p%3Aw" not in repr(settings)


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("http://mail.example.org", "money@example.org"),
        ("smtp://", "money@example.org"),
        ("smtp://mail.example.org:port", "money@example.org"),
        ("smtp://mail.example.org/x", "money@example.org"),
        ("smtp://mail.example.org", "money"),
        ("smtp://mail.example.org", "Tuppence\nBcc: a@example.org <money@example.org>"),
        ("smtp://mail.example.org", ""),
        ("", "money@example.org"),
    ],
)
def test_mail_half_configured_is_said_at_start_up(monkeypatch: pytest.MonkeyPatch, url: str, sender: str) -> None:
    monkeypatch.setenv("TUPPENCE_SMTP_URL", url)
    monkeypatch.setenv("TUPPENCE_MAIL_FROM", sender)
    with pytest.raises(SystemExit):
        Settings.load()
