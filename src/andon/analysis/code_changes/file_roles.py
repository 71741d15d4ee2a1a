"""What part a file plays in a repository, told from its path alone."""

from __future__ import annotations

import re
from enum import StrEnum

__all__ = ["FileRole", "file_role", "non_production"]


class FileRole(StrEnum):
    """What a file is for, as far as its path tells."""

    SOURCE = "source"
    CONFIG = "config"
    INFRASTRUCTURE = "infrastructure"
    """Declared machines, clusters, networks, policies: Terraform, Kubernetes manifests, charts."""
    MIGRATION = "migration"
    SCHEMA = "schema"
    """A contract between programs: protobuf, GraphQL, Avro, index mappings, OpenAPI."""
    DEPENDENCY = "dependency"
    LOCK = "lock"
    BUILD = "build"
    CI = "ci"
    TEST = "test"
    DOCS = "docs"
    STYLE = "style"
    TEMPLATE = "template"
    ASSET = "asset"
    OTHER = "other"


_LOCKS = frozenset(
    "go.sum package-lock.json yarn.lock pnpm-lock.yaml poetry.lock uv.lock pipfile.lock cargo.lock "
    "gemfile.lock composer.lock gradle.lockfile .terraform.lock.hcl".split()
)
_DEPENDENCIES = frozenset(
    "go.mod package.json requirements.txt pyproject.toml pipfile cargo.toml gemfile pom.xml build.gradle "
    "build.gradle.kts libs.versions.toml composer.json setup.cfg setup.py constraints.txt".split()
)
_BUILDS = frozenset(
    "makefile dockerfile containerfile justfile taskfile.yml bazel build.bazel workspace".split()
)
_BUILD_TOOLS = re.compile(
    r"\.?(golangci|eslint|prettier|babel|webpack|vite|rollup|ruff|mypy|jest|tsconfig)\b"
)
_DOCS = frozenset("readme license changelog codeowners contributing notice authors owners security".split())
_CI_PARTS = frozenset((".github", ".circleci", ".gitlab", ".buildkite", ".travis", "jenkins"))
_CI_NAMES = ("jenkinsfile", ".gitlab-ci", "azure-pipelines", "cloudbuild", ".travis", "bitbucket-pipelines")
_TEST_PARTS = frozenset(
    "test tests testdata testing __tests__ spec specs fixtures golden e2e mocks __mocks__".split()
)
_DOC_PARTS = frozenset("doc docs documentation runbooks adr".split())
_INFRA_PARTS = frozenset(
    "k8s kubernetes helm charts chart manifests terraform infra infrastructure ansible deploy "
    "deployment deployments kustomize overlays iam policies".split()
)
_MIGRATION_PARTS = frozenset("migrations migration migrate flyway liquibase alembic changelogs".split())
_STYLE_WORDS = frozenset("theme themes palette tailwind typography".split())
_SCHEMA_WORDS = frozenset("mapping mappings schema schemas openapi swagger contract contracts".split())
_NON_PRODUCTION = frozenset(
    "staging stage stg dev development qa uat sandbox preview test testing local example examples ci".split()
)
_EXTENSIONS = {
    FileRole.DOCS: "md rst adoc mdx".split(),
    FileRole.STYLE: "css scss sass less styl".split(),
    FileRole.TEMPLATE: "html htm tmpl hbs ejs jinja j2 jinja2 mustache erb haml pug twig".split(),
    FileRole.ASSET: "svg png jpg jpeg gif ico webp woff woff2 ttf mp4 pdf lottie".split(),
    FileRole.SCHEMA: "proto graphql gql avsc thrift xsd fbs prisma".split(),
    FileRole.INFRASTRUCTURE: "tf tfvars hcl bicep".split(),
    FileRole.MIGRATION: ["sql"],
    FileRole.CONFIG: "yaml yml json toml ini conf cfg properties env xml cnf config".split(),
    FileRole.SOURCE: (
        "go py js jsx ts tsx mjs cjs java kt kts scala groovy rb rs c cc cpp cxx h hpp cs php swift ex exs erl "
        "clj lua pl r m mm sh bash dart hs ml fs vb vue svelte"
    ).split(),
}
_BY_EXTENSION = {extension: role for role, extensions in _EXTENSIONS.items() for extension in extensions}


def file_role(path: str) -> FileRole:
    """The role of the file at a path with forward slashes; `other` when nothing tells."""
    parts = path.lower().strip("/").split("/")
    name = parts[-1]
    stem, _, extension = name.rpartition(".")
    folders = frozenset(parts[:-1])
    role = _BY_EXTENSION.get(extension, FileRole.OTHER) if stem or extension == "env" else FileRole.OTHER
    return _by_place(folders, name) or _by_name(folders, name, stem or name, role) or role


def _by_place(folders: frozenset[str], name: str) -> FileRole | None:
    if folders & _TEST_PARTS or _is_test(name):
        return FileRole.TEST
    if folders & _CI_PARTS or name.startswith(_CI_NAMES):
        return FileRole.CI
    if name in _LOCKS:
        return FileRole.LOCK
    if name in _DEPENDENCIES:
        return FileRole.DEPENDENCY
    if name in _BUILDS or name.startswith("dockerfile") or _BUILD_TOOLS.match(name):
        return FileRole.BUILD
    return None


def _by_name(folders: frozenset[str], name: str, stem: str, role: FileRole) -> FileRole | None:
    words = frozenset(re.split(r"[^a-z0-9]+", stem))
    if name.split(".")[0] in _DOCS or (folders & _DOC_PARTS and role is not FileRole.SOURCE):
        return FileRole.DOCS
    if folders & _MIGRATION_PARTS:
        return FileRole.MIGRATION
    if role is FileRole.SOURCE and words & _STYLE_WORDS:
        return FileRole.STYLE
    if words & _SCHEMA_WORDS and role in (FileRole.SOURCE, FileRole.CONFIG, FileRole.OTHER):
        return FileRole.SCHEMA
    if folders & _INFRA_PARTS and role is FileRole.CONFIG:
        return FileRole.INFRASTRUCTURE
    return FileRole.CONFIG if name.startswith(".env") else None


def _is_test(name: str) -> bool:
    stem = name.rpartition(".")[0]
    return stem.endswith(("_test", ".test", ".spec", "_spec", "tests")) or name.startswith(
        ("test_", "conftest.")
    )


def non_production(path: str) -> bool:
    """Whether the path says that the file serves an environment other than production."""
    parts = path.lower().split("/")
    name = frozenset(re.split(r"[^a-z0-9]+", parts[-1]))
    return bool(frozenset(parts[:-1]) & _NON_PRODUCTION) or bool(
        name & {"staging", "stg", "dev", "development", "qa", "uat", "sandbox", "local"}
        and file_role(path) in (FileRole.CONFIG, FileRole.INFRASTRUCTURE)
    )
