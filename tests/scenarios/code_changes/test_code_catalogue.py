"""Faults that code changes make: the change that makes each, and an innocent twin that must not be blamed."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from andon.analysis.code_changes import CONVICTION, EffectKind, FaultSignature, MetricShift, effects, rank
from andon.telemetry import ChangeEvent, ChangeKind


@dataclass(frozen=True)
class Case:
    kind: EffectKind
    file: str
    culprit: str
    twin: str
    error: str = ""
    metrics: str = ""


K = EffectKind
CASES = {
    "handler no longer registered": Case(
        K.CALL_REMOVED,
        "boot.ts",
        " const bus = new Bus();\n await loadConfig(bus);\n-registerRefundHandlers(bus);\n await bus.start();",
        "-registerRefundHandlers(bus);\n-await bus.start();\n+await startBus(bus);\n"
        "+async function startBus(bus) {\n+  registerRefundHandlers(bus);\n+  await bus.start();\n+}",
        "no handler registered for message refund.created",
    ),
    "middleware dropped from a list": Case(
        K.CALL_REMOVED,
        "settings.py",
        ' MIDDLEWARE = [\n     "shop.middleware.Session",\n-    "shop.middleware.TenantResolver",\n ]',
        ' MIDDLEWARE = [\n-    "shop.middleware.TenantResolver",\n     "shop.middleware.Session",\n'
        '+    "shop.middleware.TenantResolver",\n ]',
        "AttributeError: request has no tenant; TenantResolver not configured",
    ),
    "optional read without a check": Case(
        K.GUARD_REMOVED,
        "Shipping.java",
        "-  if (order.getAddress() == null) {\n-    return NONE;\n-  }\n   return order.getAddress().getZip();",
        "-  if (order.getAddress() == null) {\n-    return NONE;\n-  }\n-  return order.getAddress().getZip();\n"
        "+  Address address = order.getAddress();\n+  return address == null ? NONE : order.getAddress().getZip();",
        "java.lang.NullPointerException: Cannot invoke getZip() at Shipping.java:41",
    ),
    "optional chaining gone": Case(
        K.GUARD_REMOVED,
        "profile.ts",
        "-  const city = user.address?.city;\n+  const city = user.address.city;",
        "-  const city = user.address?.city;\n+  const town = user.address?.city;",
        "TypeError: Cannot read properties of undefined (reading 'city')",
    ),
    "bounds check gone": Case(
        K.GUARD_REMOVED,
        "page.go",
        "-\tif end > len(rows) {\n-\t\tend = len(rows)\n-\t}\n \treturn rows[start:end]",
        "-\tif end > len(rows) {\n-\t\tend = len(rows)\n-\t}\n+\tend = min(end, len(rows))\n \treturn rows[start:end]",
        "panic: runtime error: slice bounds out of range [:51] with capacity 40",
    ),
    "off by one": Case(
        K.CONDITION_CHANGED,
        "pages.py",
        "-    start = (page - 1) * per_page\n+    start = page * per_page",
        "-    start = (page - 1) * per_page\n+    start = (page - 1) * per_page  # first row of the page",
        "reconciliation: incomplete export, skipped page, start offset mismatch per_page=50",
    ),
    "comparison turned": Case(
        K.CONDITION_CHANGED,
        "discount.py",
        "-    if total >= threshold and not expired:\n+    if total > threshold or not expired:",
        "-    if total >= threshold and not expired:\n+    if (total >= threshold and not expired):",
        "wrong total: discount mismatch for threshold",
    ),
    "await forgotten": Case(
        K.CONCURRENCY_CHANGED,
        "save.ts",
        "-  await ledger.saveEntry(entry);\n+  ledger.saveEntry(entry);",
        "-  await ledger.saveEntry(entry);\n+  const saved = await ledger.saveEntry(entry);",
        "inconsistent balance: missing record after saveEntry",
    ),
    "deadline tightened": Case(
        K.TIMEOUT_TIGHTENED,
        "client.py",
        "-    response = session.get(url, timeout=10)\n+    response = session.get(url, timeout=0.5)",
        "-    response = session.get(url, timeout=10)\n+    response = session.get(url, timeout=10.0)",
        "requests.exceptions.ReadTimeout: read timed out (read timeout=0.5)",
    ),
    "timeouts written with other units": Case(
        K.TIMEOUT_TIGHTENED,
        "Client.java",
        "-  .callTimeout(Duration.ofSeconds(5))\n+  .callTimeout(Duration.ofMillis(200))",
        "-  .callTimeout(Duration.ofSeconds(5))\n+  .callTimeout(Duration.ofMillis(5000))",
        "SocketTimeoutException: timeout after 200 ms",
    ),
    "retry storm": Case(
        K.RETRY_CHANGED,
        "retry.go",
        "-const maxAttempts = 2\n+const maxAttempts = 20",
        "-const maxAttempts = 2\n+const maxAttempts  = 2",
        "server overloaded: too many requests, maxAttempts reached",
    ),
    "page limit gone": Case(
        K.LIMIT_REMOVED,
        "repo.py",
        "-    return session.query(Event).order_by(Event.id).limit(100).all()\n"
        "+    return session.query(Event).order_by(Event.id).all()",
        "-    return session.query(Event).order_by(Event.id).limit(100).all()\n"
        "+    ordered = session.query(Event).order_by(Event.id)\n+    return ordered.limit(100).all()",
        metrics="db_rows_examined+ http_p99_ms+",
    ),
    "query in a loop": Case(
        K.QUERY_IN_LOOP,
        "orders.py",
        "-    names = repo.find_names([i.sku for i in items])\n     for item in items:\n"
        "-        item.name = names[item.sku]\n+        item.name = repo.find_name(item.sku)",
        "-    names = repo.find_names([i.sku for i in items])\n+    skus = [i.sku for i in items]\n"
        "+    names = repo.find_names(skus)",
        metrics="db_query_count_per_request+ http_p99_ms+",
    ),
    "eager loading gone": Case(
        K.QUERY_IN_LOOP,
        "views.py",
        '-    orders = Order.objects.select_related("customer").filter(open=True)\n+    orders = Order.objects.filter(open=True)',
        '-    orders = Order.objects.select_related("customer").filter(open=True)\n'
        '+    orders = Order.objects.filter(open=True).select_related("customer")',
        metrics="db_queries_per_request+ http_p99_ms+",
    ),
    "one write an item": Case(
        K.BATCH_REMOVED,
        "Writer.java",
        "-    for (List<Row> chunk : Lists.partition(rows, 500)) {\n-      table.batchInsert(chunk);\n-    }\n"
        "+    for (Row row : rows) {\n+      table.insert(row);\n+    }",
        "-    for (List<Row> chunk : Lists.partition(rows, 500)) {\n-      table.batchInsert(chunk);\n-    }\n"
        "+    for (List<Row> chunk : chunks(rows)) {\n+      table.batchInsert(chunk);\n+    }",
        "Rate exceeded: write throttled",
    ),
    "regular expression that backtracks": Case(
        K.UNBOUNDED_WORK,
        "email.js",
        "-const EMAIL = /^[a-z]+@[a-z]+$/;\n+const EMAIL = /^([a-z0-9]+)+@[a-z]+$/;",
        "-const EMAIL = /^[a-z]+@[a-z]+$/;\n+const ADDRESS = /^[a-z]+@[a-z]+$/;",
        metrics="container_cpu_usage+ http_p99_ms+",
    ),
    "blocking call in the hot path": Case(
        K.BLOCKING_ADDED,
        "render.js",
        " function render(name) {\n-  const page = pages[name];\n+  const page = fs.readFileSync(pathOf(name));",
        " function render(name) {\n-  const page = pages[name];\n+  const found = pages[name];",
        metrics="http_p99_ms+ event_loop_lag_seconds+",
    ),
    "index dropped": Case(
        K.INDEX_REMOVED,
        "db/migrations/0042_tidy.sql",
        "+DROP INDEX idx_orders_customer;",
        "+CREATE INDEX CONCURRENTLY idx_orders_customer ON orders (customer_id);",
        "slow query: seq scan on orders, customer_id",
        "db_cpu_pct+",
    ),
    "cache gone": Case(
        K.CACHE_REMOVED,
        "rates.py",
        "-@lru_cache(maxsize=1024)\n def rate(currency):\n     return api.fetch_rate(currency)",
        "-@lru_cache(maxsize=1024)\n+@lru_cache(maxsize=2048)\n def rate(currency):\n     return api.fetch_rate(currency)",
        metrics="cache_hit_ratio- db_queries_count+ http_p99_ms+",
    ),
    "lock around a call": Case(
        K.LOCK_ADDED,
        "stock.go",
        " func (s *Stock) Reserve(ctx context.Context, sku string) error {\n+\ts.mu.Lock()\n+\tdefer s.mu.Unlock()\n"
        " \treturn s.remote.Reserve(ctx, sku)",
        " func (s *Stock) Reserve(ctx context.Context, sku string) error {\n-\ts.mu.Lock()\n-\tdefer s.mu.Unlock()\n"
        "+\ts.lock.Lock()\n+\tdefer s.lock.Unlock()\n \treturn s.remote.Reserve(ctx, sku)",
        metrics="lock_wait_seconds+ http_p99_ms+",
    ),
    "connection leak": Case(
        K.RESOURCE_LEAKED,
        "dao.go",
        " \trows, err := db.Query(q)\n-\tdefer rows.Close()\n \tfor rows.Next() {",
        " \trows, err := db.Query(q)\n-\tdefer rows.Close()\n+\tdefer func() { _ = rows.Close() }()\n \tfor rows.Next() {",
        "connection pool exhausted: timeout acquiring a connection",
    ),
    "memory that only grows": Case(
        K.RESOURCE_LEAKED,
        "tracker.py",
        " def track(event):\n+    self._seen_events[event.id] = event\n     emit(event)",
        " def track(event):\n-    emit(event)\n+    tracker.emit(event)",
        "OOMKilled: out of memory in tracker",
        "process_memory_rss+",
    ),
    "field renamed on one side": Case(
        K.IDENTIFIER_RENAMED,
        "event.py",
        '-    payload = {"customer_id": order.customer, "total": order.total}\n'
        '+    payload = {"client_id": order.customer, "total": order.total}',
        '-    payload = {"customer_id": order.customer, "total": order.total}\n'
        '+    payload = {"customer_id": order.buyer, "total": order.total}',
        "KeyError: unknown field customer_id in payload",
    ),
    "table without a migration": Case(
        K.TABLE_REFERENCED,
        "dao.py",
        '+    return db.execute("SELECT id FROM gift_cards WHERE owner = :o", o=owner)',
        "+    return db.gift_cards_of(owner)",
        'relation "gift_cards" does not exist',
    ),
    "wire format renumbered": Case(
        K.SERIALIZATION_CHANGED,
        "order.proto",
        "-  string coupon = 7;\n+  string coupon = 8;",
        "-  string coupon = 7;\n+  string coupon = 7; // code as typed",
        "proto: cannot parse invalid wire type in field coupon",
    ),
    "number precision": Case(
        K.NUMERIC_TYPE_CHANGED,
        "types.go",
        '-\tAccountID int64 `json:"account_id"`\n+\tAccountID float32 `json:"account_id"`',
        '-\tAccountID int64 `json:"account_id"`\n+\tAccountID  int64 `json:"account_id"`',
        "account_id mismatch: precision lost in 9007199254740993",
    ),
    "integer overflow": Case(
        K.NUMERIC_TYPE_CHANGED,
        "Ledger.java",
        "-  private long totalCents;\n+  private int totalCents;",
        "-  private long totalCents;\n+  private long sumCents;",
        "negative total: integer overflow in totalCents",
    ),
    "time zone": Case(
        K.TIME_HANDLING_CHANGED,
        "billing.py",
        "-    cutoff = datetime.now(timezone.utc)\n+    cutoff = datetime.now()",
        "-    cutoff = datetime.now(timezone.utc)\n+    limit = datetime.now(timezone.utc)",
        "duplicate invoice: wrong time, cutoff mismatch",
    ),
    "compression off": Case(
        K.COMPRESSION_REMOVED,
        "server.js",
        " const app = express();\n-app.use(compression());\n app.use(routes);",
        " const app = express();\n-app.use(compression());\n+app.use(compression({ level: 6 }));\n app.use(routes);",
        metrics="network_bytes_sent+ http_p99_ms+",
    ),
    "poison message no longer skipped": Case(
        K.ERROR_HANDLING_CHANGED,
        "consumer.go",
        " \tif err := decode(msg); err != nil {\n-\t\tdeadLetter(msg)\n-\t\tcontinue\n+\t\treturn err\n \t}",
        " \tif err := decode(msg); err != nil {\n-\t\tdeadLetter(msg)\n-\t\tcontinue\n+\t\tdeadLetter(msg)\n+\t\tmetrics.Skipped.Inc()\n+\t\tcontinue\n \t}",
        "consumer lag growing: redelivering the same offset, decode failed",
        "consumer_lag+",
    ),
    "unbounded goroutines": Case(
        K.CONCURRENCY_CHANGED,
        "fan.go",
        " \tfor _, e := range events {\n-\t\tpublish(ctx, e)\n+\t\tgo publish(ctx, e)\n \t}",
        " \tfor _, e := range events {\n-\t\tpublish(ctx, e)\n+\t\tpublishEvent(ctx, e)\n \t}",
        metrics="goroutines_count+ process_memory_rss+",
    ),
    "enumeration value added": Case(
        K.SERIALIZATION_CHANGED,
        "state.proto",
        " enum State {\n   OPEN = 0;\n+  PAUSED = 2;\n }",
        " enum State {\n   OPEN = 0;\n+  // PAUSED = 2; later\n }",
        "cannot decode: unknown enum value PAUSED",
    ),
    "client opened at each call": Case(
        K.RESOURCE_LEAKED,
        "mail.py",
        " def send(message):\n-    return shared.post(message)\n+    session = requests.Session()\n+    return session.post(URL, message)",
        " def send(message):\n-    return shared.post(message)\n+    return common.post(message)",
        "OSError: too many open files",
        "open_file_descriptors+",
    ),
    "cache that expires at once": Case(
        K.CACHE_REMOVED,
        "prices.go",
        "-const cacheTTL = 10 * time.Minute\n+const cacheTTL = 10 * time.Millisecond",
        "-const cacheTTL = 10 * time.Minute\n+const cacheTTL = 600 * time.Second",
        metrics="cache_miss_rate+ db_query_count+",
    ),
    "one after another": Case(
        K.QUERY_IN_LOOP,
        "load.ts",
        "-  const all = await Promise.all(ids.map((id) => api.getItem(id)));\n"
        "+  const all = [];\n+  for (const id of ids) {\n+    all.push(await api.getItem(id));\n+  }",
        "-  const all = await Promise.all(ids.map((id) => api.getItem(id)));\n"
        "+  const items = await Promise.all(ids.map((id) => api.getItem(id)));",
        metrics="http_p99_ms+",
    ),
    "route removed": Case(
        K.CALL_REMOVED,
        "routes.js",
        ' router.get("/orders", listOrders);\n-router.get("/orders/export", exportOrders);\n router.use(errors);',
        '-router.get("/orders", listOrders);\n-router.get("/orders/export", exportOrders);\n'
        '+router.get("/orders/export", exportOrders);\n+router.get("/orders", listOrders);',
        "404 not found: GET /orders/export",
    ),
    "new field refused": Case(
        K.SERIALIZATION_CHANGED,
        "decode.go",
        " \tdec := json.NewDecoder(body)\n+\tdec.DisallowUnknownFields()\n \treturn dec.Decode(&req)",
        " \tdec := json.NewDecoder(body)\n-\treturn dec.Decode(&req)\n+\terr := dec.Decode(&req)\n+\treturn err",
        "json: failed to decode: unknown property device",
    ),
}


def change(case: Case, diff: str, name: str) -> ChangeEvent:
    path = f"services/shop/{case.file}"
    text = f"--- a/{path}\n+++ b/{path}\n@@ -10,4 +10,4 @@\n{diff}"
    return ChangeEvent(
        id=name, time=0.0, kind=ChangeKind.COMMIT, action="commit", target="shop", files=(path,), diff=text
    )


def signature(case: Case) -> FaultSignature:
    shifts = tuple(MetricShift(m[:-1], 1 if m[-1] == "+" else -1, "shop") for m in case.metrics.split())
    return FaultSignature(
        error_lines=((case.error, 10.0),) if case.error else (), metrics=shifts, components=("shop",)
    )


@pytest.mark.parametrize("name", CASES)
def test_culprit_is_convicted_and_its_twin_is_not(name: str) -> None:
    case = CASES[name]
    culprit, twin = change(case, case.culprit, "culprit"), change(case, case.twin, "twin")

    assert case.kind in {effect.kind for effect in effects(culprit)}
    first, second = rank([twin, culprit], signature(case))

    assert first.event.id == "culprit"
    assert first.score >= CONVICTION
    assert second.score < CONVICTION
    assert first.plausibility.supporting[0].lines


@pytest.mark.parametrize("name", CASES)
def test_no_culprit_among_twins_alone(name: str) -> None:
    case = CASES[name]
    twins = [change(other, other.twin, other.file) for other in CASES.values()]

    assert not rank(twins, signature(case))[0].convicted
