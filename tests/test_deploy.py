"""What is shipped to run posko: the compose file, the image, the proxy and `make` say what the code expects."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from posko.config import Settings

TOP = Path(__file__).parents[1]
OURS = ("serve", "live", "work", "migrate")


def run(*command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load((TOP / "docker-compose.yml").read_text())["services"]
    return found


def test_the_compose_file_is_one() -> None:
    words = ("-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml")
    done = run(sys.executable, *words)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_dockerfile_passes_its_linter() -> None:
    done = run(str(Path(sys.executable).with_name("hadolint")), "deploy/Dockerfile")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("script", [".ci/run", "deploy/create-role.sh"])
def test_scripts_parse_and_are_executable(script: str) -> None:
    shell = (TOP / script).read_text().splitlines()[0].split("/")[-1].split()[-1]
    assert run(shell, "-n", script).returncode == 0
    assert (TOP / script).stat().st_mode & 0o111


def test_every_service_is_confined_bounded_and_restarted(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["restart"] in ("unless-stopped", "on-failure:5"), name
        assert service["logging"]["options"]["max-size"], name
        assert re.fullmatch(r"[\w./-]+:[\w.]+", service["image"]), name
        assert not service["image"].endswith(":latest"), name
        assert name in ("proxy", "migrate") or service["healthcheck"]["test"], name
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]


def test_every_role_is_started_with_settings_that_exist(services: dict[str, dict[str, Any]]) -> None:
    known = {f"POSKO_{name.upper()}" for name in Settings.__struct_fields__}
    for name in OURS:
        assert services[name]["command"] == [name]
        ours = {key for key in services[name]["environment"] if key.startswith("POSKO_")}
        assert ours <= known
    image = set(re.findall(r"POSKO_[A-Z_]+(?==)", (TOP / "deploy/Dockerfile").read_text()))
    assert image <= known


def test_no_secret_has_a_default() -> None:
    wanted = re.findall(r"\$\{([A-Z_]+)([^}]*)\}", (TOP / "docker-compose.yml").read_text())
    needed = {name for name, rule in wanted if rule.startswith(":?")}
    assert needed == {"DATABASE_PASSWORD", "POSKO_SECRET_KEY", "POSKO_PUBLIC_URL"}, "compose starts without these"
    optional = {
        "POSKO_SMTP_URL": ":-",
        "POSKO_SMTP_FROM": ":-",
        "POSKO_DEAD_MANS_SWITCH_URL": ":-",
        "POSKO_WEBHOOK_ALLOW": ":-",
    }  # empty: nobody is told, and no webhook goes inside
    assert {name: rule for name, rule in wanted if name not in needed} == optional


def test_only_the_worker_has_the_password_of_the_mail_server(services: dict[str, dict[str, Any]]) -> None:
    assert [name for name in OURS if "POSKO_SMTP_URL" in services[name].get("environment", {})] == ["work"]


def test_probes_and_proxy_go_to_the_ports_that_the_roles_listen_on(services: dict[str, dict[str, Any]]) -> None:
    ports = {field.name: field.default for field in msgspec.structs.fields(Settings)}
    work = services["work"]["environment"]["POSKO_WORK_METRICS_PORT"]
    for name, port in (("serve", ports["port"]), ("live", ports["live_port"]), ("work", work)):
        assert services[name]["healthcheck"]["test"][-1] == f"http://127.0.0.1:{port}/health/ready"
    proxy = (TOP / "deploy/Caddyfile").read_text()
    assert f"dynamic a live {ports['live_port']} " in proxy.partition("handle /v1/live")[2].partition("handle")[0]
    assert f"dynamic a serve {ports['port']} " in proxy.rpartition("handle {")[2]


def test_make_alone_names_every_target() -> None:
    said = run("make").stdout
    phony = re.search(r"^\.PHONY: (.*)$", (TOP / "Makefile").read_text(), re.M)
    assert phony
    for target in phony[1].split():
        assert re.search(rf"^  {target} +\S", said, re.M), target
