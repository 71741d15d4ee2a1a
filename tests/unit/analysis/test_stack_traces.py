from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.analysis.stack_traces import FRAMES, exception_type, stack_trace

JAVA = """order 7 failed
org.springframework.web.util.NestedServletException: Request processing failed
	at org.springframework.web.servlet.FrameworkServlet.doGet(FrameworkServlet.java:626)
	at com.shop.web.CartController.show(CartController.java:42)
Caused by: com.shop.stock.StockMissingException: none left
	at java.base/java.util.Optional.orElseThrow(Optional.java:403)
	at com.shop.stock.Stock.take(Stock.java:{line})
	at com.shop.cart.Cart$$Lambda$14/0x00000008000b0840.run(Unknown Source)
	... 12 more
"""
PYTHON = """Traceback (most recent call last):
  File "/srv/app/cart.py", line {line}, in add
    stock.take(item)
  File "/srv/app/stock.py", line 9, in take
    raise StockMissing(item)
  File "/venv/lib/python3.12/site-packages/redis/client.py", line 81, in get
    return self.call()
shop.errors.StockMissing: none left
"""
NODE = """TypeError: Cannot read properties of undefined (reading 'id')
    at Cart.add (/srv/app/cart.js:{line}:11)
    at async /srv/app/node_modules/express/router.js:7:3
    at processTicksAndRejections (node:internal/process/task_queues:95:5)
"""
GO = """panic: runtime error: invalid memory address or nil pointer dereference

goroutine 7 [running]:
main.(*Cart).Add(0x0, {{0xc00001, 0x7}})
	/srv/app/cart.go:{line} +0x1d
net/http.HandlerFunc.ServeHTTP(0xc0000)
	/usr/lib/go/src/net/http/server.go:2136 +0x29
"""
DOTNET = """System.InvalidOperationException: none left
   at Shop.Stock.Take(String item) in /src/Stock.cs:line {line}
   at System.Linq.Enumerable.First[T](IEnumerable`1 source)
"""
RUBY = """app/stock.rb:{line}:in `take': none left (StockError)
	from app/cart.rb:9:in `add'
"""


@pytest.mark.parametrize(
    ("text", "exception", "innermost"),
    [
        (JAVA, "com.shop.stock.StockMissingException", "com.shop.stock.Stock.take"),
        (PYTHON, "shop.errors.StockMissing", "/srv/app/stock.py:take"),
        (NODE, "TypeError", "Cart.add"),
        (GO, "panic", "main.(*Cart).Add"),
        (DOTNET, "System.InvalidOperationException", "Shop.Stock.Take"),
        (RUBY, "StockError", "app/stock.rb:take"),
    ],
)
def test_the_root_exception_and_the_own_innermost_frame(text: str, exception: str, innermost: str) -> None:
    trace = stack_trace(text.format(line=7))
    assert trace is not None
    assert trace.exception == exception
    assert trace.frames[0] == innermost
    assert len(trace.frames) <= FRAMES
    assert trace == stack_trace(text.format(line=1234))
    assert trace == stack_trace(text.format(line=7).replace("\n", "\r\n"))


def test_library_frames_stand_in_where_there_are_no_others() -> None:
    trace = stack_trace("java.io.IOException: broken\n\tat java.io.Reader.read(Reader.java:7)\n")
    assert trace is not None
    assert trace.frames == ("java.io.Reader.read",)


def test_text_without_frames_is_no_trace() -> None:
    assert stack_trace("first line\nat noon (12:00) we ate") is None
    assert stack_trace("") is None


def test_exception_types_in_prose() -> None:
    assert exception_type("call failed: java.net.ConnectException: refused") == "java.net.ConnectException"
    assert exception_type("an Error occurred") == ""


@given(st.text(alphabet=st.sampled_from('at .(\n:"File, line09rbin$`/<>x'), max_size=300))
def test_any_text_is_read_without_an_exception(text: str) -> None:
    stack_trace(text)
