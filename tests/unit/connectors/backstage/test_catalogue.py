from hypothesis import given, settings
from hypothesis import strategies as st

from andon.connectors.backstage.catalogue import entity_of, topology_of
from andon.telemetry import ElementKind

IDENTIFIERS = ("backstage.io/kubernetes-id",)


def entity(kind, name, *relations, **more):
    spec = {
        key: more.pop(key) for key in list(more) if key not in ("annotations", "tags", "namespace", "title")
    }
    return {
        "kind": kind,
        "metadata": {"name": name, **more},
        "spec": spec,
        "relations": [{"type": kind, "targetRef": ref} for kind, ref in relations],
    }


def drawn(*items):
    return topology_of([entity_of(item) for item in items], "catalogue", IDENTIFIERS)


SHOP = (
    entity("Domain", "commerce"),
    entity("System", "shop", ("partOf", "domain:default/commerce")),
    entity("Component", "web", ("partOf", "system:default/shop"), ("consumesApi", "api:default/orders"),
           ("dependsOn", "resource:default/cache"), type="website"),
    entity("Component", "Checkout", ("partOf", "system:default/shop"), ("providesApi", "api:default/orders"),
           ("ownedBy", "group:default/payments"), type="service", lifecycle="production", tags=["java"],
           annotations={"backstage.io/kubernetes-id": "checkout-v2", "backstage.io/managed-by-location": "url:x"}),
    entity("Component", "rules", ("partOf", "component:default/checkout"), ("partOf", "system:default/shop")),
    entity("API", "orders", type="openapi"),
    entity("Resource", "cache", type="redis"),
)  # fmt: skip


def test_entities_are_elements():
    found = drawn(*SHOP).topology.by_id
    assert {ref: e.kind for ref, e in found.items()} == {
        "system:default/shop": ElementKind.SOFTWARE_SYSTEM,
        "component:default/web": ElementKind.CONTAINER,
        "component:default/checkout": ElementKind.CONTAINER,
        "component:default/rules": ElementKind.COMPONENT,
        "api:default/orders": ElementKind.COMPONENT,
        "resource:default/cache": ElementKind.INFRASTRUCTURE_NODE,
    }
    assert found["system:default/shop"].group == "commerce"
    assert found["component:default/rules"].parent == "component:default/checkout"
    assert found["api:default/orders"].parent == "component:default/checkout"
    checkout = found["component:default/checkout"]
    assert (checkout.name, checkout.parent, checkout.technology) == (
        "Checkout",
        "system:default/shop",
        "service",
    )
    assert checkout.tags == ("lifecycle:production", "java")
    assert checkout.properties == {
        "backstage.io/kubernetes-id": "checkout-v2",
        "service.name": "checkout-v2",
        "owner": "payments",
    }


def test_who_consumes_an_api_calls_its_provider():
    read = drawn(*SHOP)
    assert [(r.source, r.destination, r.description, r.technology) for r in read.topology.relationships] == [
        ("component:default/web", "resource:default/cache", "depends on", ""),
        ("component:default/web", "component:default/checkout", "consumes orders", "openapi"),
    ]
    assert read.dangling == 0 and all(r.declared for r in read.topology.relationships)


def test_an_api_that_nobody_provides_is_used_itself():
    read = drawn(entity("Component", "a", ("consumesApi", "api:default/x")), entity("API", "x"))
    assert [r.destination for r in read.topology.relationships] == ["api:default/x"]


def test_relations_into_nothing_are_counted():
    read = drawn(
        entity("Component", "a", ("dependsOn", "component:default/gone"), ("consumesApi", "api:default/b"))
    )
    assert read.dangling == 2 and not read.topology.relationships


def test_what_was_not_processed_yet_is_read_from_its_spec():
    item = {
        "kind": "Component",
        "metadata": {"name": "a", "namespace": "Pay"},
        "spec": {"dependsOn": ["resource:db", "Component:other/b", "c"], "system": "s", "owner": "team-a", "consumesApis": "x"},
    }  # fmt: skip
    assert entity_of(item).relations == (
        ("dependsOn", "resource:pay/db"),
        ("dependsOn", "component:other/b"),
        ("dependsOn", "component:pay/c"),
        ("consumesApi", "api:pay/x"),
        ("ownedBy", "group:pay/team-a"),
        ("partOf", "system:pay/s"),
    )


def test_a_domain_is_a_group_and_no_end_of_a_relationship():
    read = drawn(entity("Component", "a", ("dependsOn", "domain:default/d")), entity("Domain", "d", ("dependsOn", "component:default/a")))  # fmt: skip
    assert len(read.topology.elements) == 1 and not read.topology.relationships and read.dangling == 0


def test_malformed_entities_are_none():
    for odd in (
        None,
        7,
        {},
        {"kind": "Component"},
        {"kind": 3, "metadata": {"name": "a"}},
        {"kind": "x", "metadata": {}},
    ):
        assert entity_of(odd) is None


ANY = st.recursive(
    st.none()
    | st.integers()
    | st.sampled_from(["Component", "api:default/a", "component:default/a", "a", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "type targetRef name namespace annotations tags owner system dependsOn providesApis partOf".split()
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "kind": st.sampled_from(["Component", "API", "System", "Domain"]),
                "metadata": ANY,
                "spec": ANY,
                "relations": ANY,
            }
        ),
        max_size=4,
    )
)
def test_nothing_crashes_it_and_every_relationship_has_ends(items):
    entities = [one for item in items if (one := entity_of(item)) is not None]
    topology = topology_of(entities, "c", IDENTIFIERS).topology
    assert all({r.source, r.destination} <= set(topology.by_id) for r in topology.relationships)
    assert all(not e.parent or e.parent in topology.by_id for e in topology.elements)
