from andon.connectors.kubernetes.objects import (
    controller_of,
    labels_of,
    managed,
    parts,
    section,
    service_name,
    text,
)


def test_parts_of_another_shape_are_empty():
    for strange in (None, 3, [], {"metadata": 7}, {"metadata": {"labels": [1], "ownerReferences": {}}}):
        assert section(strange, "metadata", "labels") == {}
        assert labels_of(strange) == {} and controller_of(strange) is None and not list(managed(strange))
    assert not list(parts({"a": [1, None]}, "a")) and text({"a": 1}, "a") == ""


def test_only_the_controller_owns(thing):
    above = thing("ReplicaSet", "api-1")
    pod = thing("Pod", "p", owner=above)
    assert controller_of(pod).name == "api-1"
    pod["metadata"]["ownerReferences"][0]["controller"] = False
    assert controller_of(pod) is None


def test_the_recommended_label_is_believed_first():
    labels = {"app": "a", "app.kubernetes.io/name": "checkout"}
    assert service_name(labels, ("app.kubernetes.io/name", "app"), "w") == "checkout"
    assert service_name({"app": "a"}, ("app.kubernetes.io/name", "app"), "w") == "a"
    assert service_name({}, ("app",), "w") == "w"
