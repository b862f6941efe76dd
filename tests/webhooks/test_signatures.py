"""What is sent is verified by three implementations that are not ours, before, during and after a rotation of keys.

They are `standardwebhooks` (Python, the reference), `svix` up to 1.67 (Python, the SDK's own verifier; later ones call
the reference) and `standardwebhooks` of npm (JavaScript, with its own SHA-256).
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import standardwebhooks
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from posko.webhooks import store
from posko.webhooks.told import TestEvent
from tests.factories import incident
from tests.test_build import hook  # noqa: F401
from tests.webhooks.ground import Received, Webhooks, all_settled

Verify = Callable[[str, dict[str, str], bytes], bool]
NAMES = ("webhook-id", "webhook-timestamp", "webhook-signature")


def _reference(secret: str, headers: dict[str, str], body: bytes) -> bool:
    try:
        standardwebhooks.Webhook(secret).verify(body, headers)
    except standardwebhooks.WebhookVerificationError:
        return False
    return True


def _svix(secret: str, headers: dict[str, str], body: bytes) -> bool:
    from svix.webhooks import Webhook, WebhookVerificationError  # here: half a second of every worker's start

    try:
        Webhook(secret).verify(body, headers)
    except WebhookVerificationError:
        return False
    return True


@pytest.fixture(scope="session")
def npm(hook: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Verify:  # noqa: F811
    """npm's `standardwebhooks`, as package-lock.json says, in the machine's Node or else the one of the wheel."""
    folder = tmp_path_factory.mktemp("npm")
    shutil.copytree(Path(__file__).parent / "npm", folder, dirs_exist_ok=True)
    tools = hook.toolchain()
    tools.run(["ci", "--ignore-scripts", "--prefer-offline"], folder)
    node = shutil.which("node", path=tools.node_folder)
    assert node is not None

    def verify(secret: str, headers: dict[str, str], body: bytes) -> bool:
        asked = [{"secret": secret, "headers": headers, "body": base64.b64encode(body).decode()}]
        done = subprocess.run([node, "verify.cjs"], cwd=folder, input=json.dumps(asked), capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        (refused,) = json.loads(done.stdout)
        assert refused is None or refused.startswith("WebhookVerificationError"), refused
        return refused is None

    return verify


@pytest.fixture(params=["standardwebhooks", "svix", "npm"])
def verify(request: pytest.FixtureRequest, npm: Verify) -> Verify:
    found: dict[str, Verify] = {"standardwebhooks": _reference, "svix": _svix, "npm": npm}
    return found[request.param]


def test_they_are_three() -> None:
    from svix import webhooks

    source = Path(webhooks.__file__).read_text(encoding="utf-8")
    assert "standardwebhooks" not in source
    assert "hmac" in source


async def _told(hooks: Webhooks, endpoint: int) -> Received:
    """What is sent now."""
    before = len(hooks.receiver.received)
    async with hooks.day.pool.acquire() as connection, connection.transaction():
        await store.call(connection, None, endpoint, "endpoint.test", TestEvent("Uji coba: é, ✓ dan 𝔘"))
    async with hooks.delivering():
        await all_settled(hooks.day.pool)
    assert len(hooks.receiver.received) == before + 1
    return hooks.receiver.received[-1]


async def _rotate(hooks: Webhooks, endpoint: int) -> str:
    key, uid, sealed = hooks.keys.new()
    async with hooks.day.pool.acquire() as connection, connection.transaction():
        await store.rotate(connection, None, endpoint, uid, sealed)
    return key.text


def _signed(got: Received) -> dict[str, str]:
    return {name: got.headers[name] for name in NAMES}


async def test_what_is_sent_is_verified_by_implementations_that_are_not_ours(hooks: Webhooks, verify: Verify) -> None:
    endpoint = await hooks.add(types=("incident.*",))
    await hooks.day.file(
        hooks.day.small.tps[0], incident("tinggi", text='banjir "setinggi" lutut — air naik, é 🚨\n\\')
    )
    async with hooks.delivering():
        await all_settled(hooks.day.pool)
    secret = hooks.secrets[endpoint].text
    got = hooks.receiver.received[0]
    headers, raw = _signed(got), got.raw
    assert verify(secret, headers, raw)
    late = str(int(headers["webhook-timestamp"]) - 301)
    for bad_headers, body in (
        (headers, raw + b" "),
        (headers, raw.replace(b"lutut", b"leher")),
        ({**headers, "webhook-id": "lain"}, raw),
        ({**headers, "webhook-timestamp": late}, raw),
        ({**headers, "webhook-timestamp": str(int(headers["webhook-timestamp"]) + 1)}, raw),
        ({**headers, "webhook-signature": headers["webhook-signature"].split()[-1]}, raw),  # v1a alone
    ):
        assert not verify(secret, bad_headers, body)
    assert not verify(hooks.keys.new()[0].text, headers, raw)


async def test_while_keys_are_changed_the_old_and_the_new_fit_and_afterwards_the_new(
    hooks: Webhooks, verify: Verify
) -> None:
    endpoint = await hooks.add()
    first = hooks.secrets[endpoint].text
    second = await _rotate(hooks, endpoint)
    got = await _told(hooks, endpoint)
    assert [verify(secret, _signed(got), got.raw) for secret in (first, second)] == [True, True]
    await hooks.day.pool.execute(
        "update posko.endpoint_key set made_at = made_at - interval '2 days', ends_at = posko.now() where ends_at is not null"
    )
    got = await _told(hooks, endpoint)
    assert [verify(secret, _signed(got), got.raw) for secret in (first, second)] == [False, True]


async def test_a_receiver_that_has_the_public_key_needs_no_secret(hooks: Webhooks) -> None:
    """As a receiver would: with `cryptography`, from the text of the key, none of our code."""
    endpoint = await hooks.add()
    await _rotate(hooks, endpoint)
    got = await _told(hooks, endpoint)
    kind, _, encoded = hooks.keys.service.public.text.partition("_")
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(encoded))
    signatures = [s.split(",") for s in got.headers["webhook-signature"].split()]
    assert kind == "whpk" and [v for v, _ in signatures] == ["v1", "v1", "v1a"]
    said = b".".join((got.headers["webhook-id"].encode(), got.headers["webhook-timestamp"].encode(), got.raw))
    public.verify(base64.b64decode(signatures[-1][1]), said)
    with pytest.raises(InvalidSignature):
        public.verify(base64.b64decode(signatures[-1][1]), said + b" ")


def test_the_lock_of_the_verifier_names_no_registry() -> None:
    lock = json.loads((Path(__file__).parent / "npm" / "package-lock.json").read_text(encoding="utf-8"))
    assert all("resolved" not in entry for entry in lock["packages"].values())
    assert all(entry.get("integrity") for path, entry in lock["packages"].items() if path)
