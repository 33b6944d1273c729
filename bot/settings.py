"""All configuration in one class: the only reader of the environment. Knows the names and shapes of values, opens nothing but the home folder."""

from __future__ import annotations

import base64
import binascii
import os
import re
import secrets
import sys
from collections.abc import Mapping
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Literal, NoReturn, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from core.domain.mail import checked_address
from core.domain.payments.rails import CONFIGURED, Rail
from core.errors import DomainError

MASTER_KEY_BYTES = 32
MASTER_KEY_FILE = "master.key"

# What needs what: a channel half configured would fail at its first message instead of at start-up.
_NEEDS = {
    "TWILIO_ACCOUNT_SID": ("TWILIO_AUTH_TOKEN",),
    "TWILIO_AUTH_TOKEN": ("TWILIO_ACCOUNT_SID",),
    "TWILIO_SMS_FROM": ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"),
    "TWILIO_WHATSAPP_FROM": ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"),
    "TWILIO_WHATSAPP_TEMPLATE": ("TWILIO_WHATSAPP_FROM",),
    "TUPPENCE_SMTP_URL": ("TUPPENCE_MAIL_FROM",),
    "TUPPENCE_MAIL_FROM": ("TUPPENCE_SMTP_URL",),
    "TUPPENCE_BLOBS": ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
}


def default_home(*, platform: str, environment: Mapping[str, str]) -> Path:
    """The folder under the user's data directory: XDG on Linux, Application Support on macOS."""
    if platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "tuppence"
    data = environment.get("XDG_DATA_HOME", "")
    return (Path(data) if data.startswith("/") else Path.home() / ".local" / "share") / "tuppence"


def _url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("must be an address like https://example.org")
    return value.rstrip("/")


def _api_base(value: str) -> str:
    value = _url(value)
    if urlsplit(value).path:
        raise ValueError("must be scheme and host only, like https://example.org")
    return value


def _rates_url(value: str) -> str:
    """Rates decide about money: nobody on the way may change them."""
    parts = urlsplit(_url(value))
    local = parts.hostname in ("localhost", "::1") or re.fullmatch(r"127(\.[0-9]{1,3}){3}", str(parts.hostname))
    if parts.scheme != "https" and not local:
        raise ValueError("must begin with https://")
    return value


def _smtp_url(value: SecretStr) -> SecretStr:
    parts = urlsplit(value.get_secret_value())
    try:
        right = parts.scheme in {"smtp", "smtps"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number
        right = False
    if not right or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("must be like smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host:465 (TLS)")
    return value


def _mail_from(value: str) -> str:
    name, address = parseaddr(value)
    try:
        checked_address(address)
    except DomainError:
        address = ""
    if not address or not value.isprintable() or "@" in name:
        raise ValueError("must be like money@example.org or Tuppence <money@example.org>")
    return value


def _bucket(value: str) -> str:
    if not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9_-]+)*/?", value):
        raise ValueError("must be like s3://bucket or s3://bucket/folder")
    return value.rstrip("/")


def _bot_token(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[0-9]+:[!-~]+", value.get_secret_value()):
        raise ValueError("must be the token that BotFather gave, like 123456:ABC-DEF")
    return value


def _webhook_secret(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[A-Za-z0-9_-]{16,256}", value.get_secret_value()):
        raise ValueError("must be 16 to 256 letters, digits, _ and -; leave it unset and one is made")
    return value


def _database_url(value: str) -> str:
    """Also takes the forms that other tools write: postgres://, postgresql+asyncpg://."""
    form = re.fullmatch(r"(?:postgres|postgresql)(?:\+\w+)?://(.*)", value, re.DOTALL)
    if form is None:
        raise ValueError("must be like postgresql://user:password@host:5432/database")
    return f"postgresql://{form[1]}"


def _templates(value: object) -> object:
    """ "HX1…, de:HX2…" as {"": "HX1…", "de": "HX2…"}: by language, and for all others."""
    if not isinstance(value, str):
        return value
    found = [re.fullmatch(r"(?:([a-z]{2}):)?(HX[0-9a-fA-F]{32})", each) for each in value.replace(",", " ").split()]
    if not all(found):
        raise ValueError("must be a ContentSid such as HX0123…, or several by language: HX0123…, de:HX4567…")
    return {match[1] or "": match[2] for match in found if match}


def _countries(value: object) -> object:
    """ "+44, 351" as ("44", "351"): beginnings of numbers."""
    if not isinstance(value, str):
        return value
    codes = tuple(code.strip().removeprefix("+") for code in value.split(",") if code.strip())
    if not all(re.fullmatch(r"[1-9][0-9]{0,6}", code) for code in codes):
        raise ValueError("must be calling codes like 44,351")
    return codes


def _payment_links(value: object) -> object:
    """ "paypal, venmo" as the rails whose links may be opened though nobody promised their form."""
    if not isinstance(value, str):
        return value
    names = {name.strip().lower() for name in value.split(",") if name.strip()}
    if not names <= {rail.value for rail in CONFIGURED}:
        raise ValueError(f"must be some of {', '.join(sorted(CONFIGURED))}")
    return frozenset(Rail(name) for name in names)


def _home(value: Path) -> Path:
    return Path(os.path.abspath(value.expanduser()))


def parse_master_key(text: str) -> bytes:
    """32 bytes out of 64 hex digits or base64 (either alphabet, padded or not). ValueError where it is neither."""
    text = text.strip()
    if re.fullmatch(r"[0-9a-fA-F]{64}", text):
        return bytes.fromhex(text)
    try:
        unpadded = text.replace("-", "+").replace("_", "/").rstrip("=")
        key = base64.b64decode(unpadded + "=" * (-len(unpadded) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != MASTER_KEY_BYTES:
        raise ValueError("must be 32 bytes as base64 or as 64 hex digits")
    return key


def _folder(value: Path) -> Path:
    if not value.is_dir():
        raise ValueError("must be a folder")
    return value


Url = Annotated[str, AfterValidator(_url)]
ApiBase = Annotated[str, AfterValidator(_api_base)]


class Settings(BaseSettings):
    """Everything that can be configured. An empty variable is an unset one. Secrets never appear in its repr."""

    model_config = SettingsConfigDict(env_ignore_empty=True, frozen=True, extra="ignore", hide_input_in_errors=True)

    database_url: Annotated[str, AfterValidator(_database_url)] | None = Field(default=None, validation_alias="DATABASE_URL", repr=False)
    home: Annotated[Path, AfterValidator(_home)] = Field(
        default_factory=lambda: default_home(platform=sys.platform, environment=os.environ), validation_alias="TUPPENCE_HOME"
    )
    languages: Annotated[Path, AfterValidator(_folder)] | None = Field(default=None, validation_alias="TUPPENCE_LANGUAGES")
    templates: Annotated[Path, AfterValidator(_folder)] | None = Field(default=None, validation_alias="TUPPENCE_TEMPLATES")
    host: str = Field(default="127.0.0.1", validation_alias="TUPPENCE_HOST")
    port: int = Field(default=8000, validation_alias="TUPPENCE_PORT", ge=0, le=65535)
    public_url: Url | None = Field(default=None, validation_alias="PUBLIC_URL")
    master_key_text: SecretStr | None = Field(default=None, validation_alias="TUPPENCE_MASTER_KEY")
    failpoints: str | None = Field(default=None, validation_alias="TUPPENCE_FAILPOINTS")

    telegram_bot_token: Annotated[SecretStr, AfterValidator(_bot_token)] | None = Field(default=None, validation_alias="TELEGRAM_BOT_TOKEN")
    telegram_api_base: ApiBase = Field(default="https://api.telegram.org", validation_alias="TELEGRAM_API_BASE")
    telegram_webhook_secret: Annotated[SecretStr, AfterValidator(_webhook_secret)] | None = Field(
        default=None, validation_alias="TELEGRAM_WEBHOOK_SECRET"
    )

    twilio_account_sid: str | None = Field(default=None, validation_alias="TWILIO_ACCOUNT_SID")
    twilio_auth_token: SecretStr | None = Field(default=None, validation_alias="TWILIO_AUTH_TOKEN")
    twilio_api_base: ApiBase = Field(default="https://api.twilio.com", validation_alias="TWILIO_API_BASE")
    twilio_sms_from: str | None = Field(default=None, validation_alias="TWILIO_SMS_FROM")
    sms_countries: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_countries)] = Field(default=(), validation_alias="SMS_COUNTRIES")
    twilio_whatsapp_from: str | None = Field(default=None, validation_alias="TWILIO_WHATSAPP_FROM")
    twilio_whatsapp_templates: Annotated[dict[str, str], NoDecode, BeforeValidator(_templates)] = Field(
        default={}, validation_alias="TWILIO_WHATSAPP_TEMPLATE"
    )
    twilio_content_base: ApiBase | None = Field(default=None, validation_alias="TWILIO_CONTENT_BASE")

    openai_api_key: SecretStr | None = Field(default=None, validation_alias="OPENAI_API_KEY")
    openai_base_url: Url = Field(default="https://api.openai.com/v1", validation_alias="OPENAI_BASE_URL")
    openai_model: str | None = Field(default=None, validation_alias="OPENAI_MODEL")

    smtp_url: Annotated[SecretStr, AfterValidator(_smtp_url)] | None = Field(default=None, validation_alias="TUPPENCE_SMTP_URL")
    mail_from: Annotated[str, AfterValidator(_mail_from)] | None = Field(default=None, validation_alias="TUPPENCE_MAIL_FROM")

    blobs: Annotated[str, AfterValidator(_bucket)] | None = Field(default=None, validation_alias="TUPPENCE_BLOBS")
    aws_access_key_id: str | None = Field(default=None, validation_alias="AWS_ACCESS_KEY_ID")
    aws_secret_access_key: SecretStr | None = Field(default=None, validation_alias="AWS_SECRET_ACCESS_KEY")
    aws_region: str = Field(default="us-east-1", validation_alias="AWS_REGION", pattern="^[a-z0-9-]{1,40}$")
    aws_endpoint: ApiBase | None = Field(default=None, validation_alias="AWS_ENDPOINT_URL")

    payment_links: Annotated[frozenset[Rail], NoDecode, BeforeValidator(_payment_links)] = Field(
        default=frozenset(), validation_alias="PAYMENT_LINKS"
    )
    rates_url: Annotated[str, AfterValidator(_rates_url)] | None = Field(default=None, validation_alias="TUPPENCE_RATES_URL")
    groups: Literal["anyone", "known"] = Field(default="anyone", validation_alias="TUPPENCE_GROUPS")
    receipt_engine: Literal["auto", "rapidocr", "tesseract", "openai"] = Field(default="auto", validation_alias="TUPPENCE_RECEIPT_ENGINE")

    @classmethod
    def load(cls) -> Self:
        """Read the environment and make the home folder. Prints every wrong or missing variable at once and exits with 2."""
        problems = _missing(os.environ)
        settings: Self | None = None
        try:
            settings = cls()
        except ValidationError as error:
            problems += [f"{'.'.join(map(str, e['loc']))}: {_reason(e['msg'])}" for e in error.errors()]
        problems += _wrong_master_key(os.environ.get("TUPPENCE_MASTER_KEY", ""))
        if settings is not None and not problems:
            problems = prepare_home(settings.home)
        if settings is None or problems:
            _refuse(problems)
        return settings

    @property
    def master_key(self) -> bytes:
        """The 32 bytes that everything encrypted hangs on: TUPPENCE_MASTER_KEY, else made once and kept in the home folder.

        Prints what is wrong and exits with 2 where the kept key is missing though data exists, or is damaged.
        """
        if self.master_key_text is not None:
            return parse_master_key(self.master_key_text.get_secret_value())
        try:
            return kept_master_key(self.home)
        except (OSError, ValueError) as error:
            _refuse([f"TUPPENCE_MASTER_KEY: {error}"])

    @property
    def blob_folder(self) -> Path:
        """Where stored files lie, encrypted; `tuppence backup` takes them along."""
        return self.home / "blobs"

    @property
    def deletion_list(self) -> Path:
        """Who was erased, by random ids; `tuppence backup` takes it along, and `tuppence restore` repeats what is on it."""
        return self.home / "erased.txt"

    @property
    def telegram_webhook(self) -> str | None:
        """Where Telegram shall post updates: only an https address that others can reach; else they are asked for."""
        parts = urlsplit(self.public_url or "")
        local = parts.hostname in (None, "localhost", "::1") or str(parts.hostname).startswith("127.")
        return None if local or parts.scheme != "https" else f"{self.public_url}/webhooks/telegram"

    @property
    def asks_model(self) -> bool:
        """Whether a model may be asked about messages that no rule understood: where one is named, by its key or its address."""
        return self.openai_api_key is not None or "openai_base_url" in self.model_fields_set

    @property
    def address(self) -> str:
        """Where people reach the service: PUBLIC_URL, else host and port."""
        return self.public_url or f"http://{self.host}:{self.port}"


def _reason(message: str) -> str:
    return message.removeprefix("Value error, ")


def _missing(environment: Mapping[str, str]) -> list[str]:
    wanted = [(name, by) for by, names in _NEEDS.items() if environment.get(by) for name in names if not environment.get(name)]
    return [f"{name}: missing, {by} needs it" for name, by in dict(wanted).items()]


def _wrong_master_key(text: str) -> list[str]:
    try:
        parse_master_key(text or "0" * 64)
    except ValueError as error:
        return [f"TUPPENCE_MASTER_KEY: {error}"]
    return []


def _refuse(problems: list[str]) -> NoReturn:
    lines = ["tuppence: the settings are wrong:", *(f"  {problem}" for problem in problems)]
    print("\n".join(lines), file=sys.stderr)  # noqa: T201
    raise SystemExit(2)


def prepare_home(home: Path) -> list[str]:
    """Make the home folder, open to its owner only. Returns what is wrong with it, nothing where all is well.

    A folder that exists and holds other things keeps its mode (it may be shared): what Tuppence puts there is closed by itself.
    """
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        names = {path.name for path in home.iterdir()}
        if (
            (not names or names & {MASTER_KEY_FILE, "data"})
            and home.stat().st_uid == os.geteuid()
            and home.stat().st_mode & 0o1077
            and not home.stat().st_mode & 0o1000
        ):
            home.chmod(0o700)
        if not os.access(home, os.W_OK | os.X_OK):
            return [f"TUPPENCE_HOME: {home} is not writable"]
    except OSError as error:
        return [f"TUPPENCE_HOME: {home}: {error.strerror}"]
    return []


def kept_master_key(home: Path) -> bytes:
    """Read the key kept in `home`, or make it. Safe between processes: the first to link its file wins, the others read it.

    ValueError where the file is damaged, or where it is gone while there is a database that was written with it.
    """
    file = home / MASTER_KEY_FILE
    had_data = (home / "data").exists()  # looked at before the key: whoever makes the data made the key first
    if not file.exists():
        if had_data:
            raise ValueError(f"missing, and {file} is gone though {home / 'data'} was encrypted with it; restore that file")
        _make_key_file(file)
    try:
        return parse_master_key(file.read_text("ascii"))
    except ValueError:
        raise ValueError(f"{file} is damaged: it must hold 32 bytes as base64") from None


def _make_key_file(file: Path) -> None:
    draft = file.with_name(f"{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(base64.b64encode(secrets.token_bytes(MASTER_KEY_BYTES)) + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(draft, file)  # never replaces: a key that is in use must not change
        except FileExistsError:
            return
    finally:
        draft.unlink()
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
