from __future__ import annotations

import pytest

from andon.analysis.code_changes import FileRole, file_role, non_production


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("pkg/cart/cart.go", FileRole.SOURCE),
        ("pkg/cart/cart_test.go", FileRole.TEST),
        ("web/src/Card.test.tsx", FileRole.TEST),
        ("tests/unit/conftest.py", FileRole.TEST),
        ("pkg/invoice/testdata/golden.json", FileRole.TEST),
        ("docs/api/orders.md", FileRole.DOCS),
        ("README.md", FileRole.DOCS),
        ("CODEOWNERS", FileRole.DOCS),
        (".github/workflows/build.yml", FileRole.CI),
        (".golangci.yml", FileRole.BUILD),
        ("Dockerfile", FileRole.BUILD),
        ("go.mod", FileRole.DEPENDENCY),
        ("go.sum", FileRole.LOCK),
        ("web/checkout.css", FileRole.STYLE),
        ("web/theme.ts", FileRole.STYLE),
        ("web/cart.html", FileRole.TEMPLATE),
        ("services/x/config/cache.yaml", FileRole.CONFIG),
        (".env.production", FileRole.CONFIG),
        ("charts/compactor/values.yaml", FileRole.INFRASTRUCTURE),
        ("infra/main.tf", FileRole.INFRASTRUCTURE),
        ("db/migrations/0001_init.py", FileRole.MIGRATION),
        ("schema.sql", FileRole.MIGRATION),
        ("api/order.proto", FileRole.SCHEMA),
        ("search/index/mapping.go", FileRole.SCHEMA),
        ("logo.svg", FileRole.ASSET),
        ("LICENSE.bin", FileRole.DOCS),
        ("", FileRole.OTHER),
    ],
)
def test_roles(path: str, role: FileRole) -> None:
    assert file_role(path) is role


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("deploy/staging/tls.yaml", True),
        ("config/values-dev.yaml", True),
        ("deploy/production/tls.yaml", False),
        ("src/device/dev.go", False),
    ],
)
def test_environments(path: str, expected: bool) -> None:
    assert non_production(path) is expected
