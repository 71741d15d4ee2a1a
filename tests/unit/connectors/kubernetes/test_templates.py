from hypothesis import given, settings
from hypothesis import strategies as st

from andon.connectors.kubernetes.templates import RESTARTED_AT, differences, images, told


def test_images_env_and_limits_with_old_and_new_values(template):
    old = template("shop/api:1.4", {"TIMEOUT": "5"}, resources={"limits": {"memory": "256Mi"}})
    new = template("shop/api:1.5", {"TIMEOUT": "30", "MODE": "x"}, resources={"limits": {"memory": "64Mi"}})
    assert differences(old, new) == (
        ("containers[api].image", "shop/api:1.4", "shop/api:1.5"),
        ("containers[api].env[MODE]", "", "x"),
        ("containers[api].env[TIMEOUT]", "5", "30"),
        ("containers[api].resources.limits.memory", "256Mi", "64Mi"),
    )
    assert images(new) == {"api": "shop/api:1.5"}


def test_what_may_be_a_secret_is_hidden_but_told(template):
    old = template("i", {"DB_PASSWORD": "hunter2", "URL": "postgres://app:pw1@db/x"})
    new = template("i", {"DB_PASSWORD": "hunter3", "URL": "postgres://app:pw2@db/x"})
    found = differences(old, new)
    assert [path for path, _, _ in found] == ["containers[api].env[DB_PASSWORD]", "containers[api].env[URL]"]
    assert "hunter" not in repr(found) and "pw" not in repr(found)
    assert ("containers[api].env[URL]", "postgres://***@db/x", "postgres://***@db/x") in found


def test_a_reference_to_a_secret_is_named():
    reference = {"secretKeyRef": {"name": "db-2", "key": "password"}}
    old, new = ({"spec": {"containers": [{"name": "api", "env": [{"name": "PASSWORD", "valueFrom": f}]}]}}
                for f in ({"secretKeyRef": {"name": "db-1", "key": "password"}}, reference))  # fmt: skip
    assert differences(old, new) == (
        ("containers[api].env[PASSWORD].valueFrom.secretKeyRef.name", "db-1", "db-2"),
    )


def test_a_restart_is_one_annotation(template):
    new = template("i")
    new["metadata"]["annotations"] = {"kubectl.kubernetes.io/restartedAt": "2026-06-19T10:00:00Z"}
    assert [path for path, _, _ in differences(template("i"), new)] == [RESTARTED_AT]


def test_hashes_and_the_order_of_variables_are_no_change(template):
    old, new = template("i", {"A": "1", "B": "2"}), template("i", {"B": "2", "A": "1"})
    new["metadata"]["labels"]["pod-template-hash"] = "7c9"
    assert differences(old, new) == ()


def test_many_differences_are_told_in_short():
    line = told(tuple((f"p{i}", "a", "") for i in range(9)))
    assert line.startswith("p0: a -> (none)") and line.endswith("3 more")


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(ANY, ANY)
def test_any_template_gives_differences_and_none_with_itself(old, new):
    old, new = {"spec": old}, {"spec": new, "metadata": {"labels": new}}
    assert differences(old, old) == ()
    assert all(before != after for _, before, after in differences(old, new))
