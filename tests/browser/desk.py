"""A person at a browser: logs in, clicks and types as people do; every page met is judged once.

Judged means: no script error and no breach of the content policy, nothing wider than the window, no serious or
critical finding of axe.
"""

import re
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Dialog, Locator, Page, Response, expect

OFFICE = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
PATIENCE = 15_000
_axe = Axe()


class Desk:
    """One logged-in person in a window of one size."""

    def __init__(self, browser: Browser, server: str, judged: set[str], size: dict[str, int]):
        self.context = browser.new_context(
            base_url=server, viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai",
            has_touch=size == PHONE, accept_downloads=True,
        )  # fmt: skip
        self.context.set_default_timeout(PATIENCE)
        self.page: Page = self.context.new_page()
        self.judged = judged
        self.width = size["width"]
        self.wrong: list[str] = []
        self.asked: list[str] = []
        self.agrees = True
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("response", self._answered)
        self.page.on("dialog", self._answer_dialog)

    def log_in(self, username: str, password: str) -> "Desk":
        self.open("/accounts/login/")
        self.fill("用户名", username)
        self.fill("密码", password)
        self.press("登录")
        expect(self.page.get_by_role("button", name="退出")).to_be_visible()
        return self

    # going ---------------------------------------------------------------------------------------

    def open(self, path: str) -> Response | None:
        answer = self.page.goto(path)
        self.judge()
        return answer

    def menu(self, label: str) -> None:
        """An entry of the left menu, on a phone behind its button."""
        burger = self.page.locator("[data-menu]")
        if burger.is_visible():
            burger.click()
        self.page.get_by_role("navigation", name="主菜单").get_by_role(
            "link", name=re.compile(rf"^{label}\s*\d*$")
        ).click()
        self.judge()

    def follow(self, name: str, within: Locator | None = None, *, exact: bool = True) -> None:
        place = within or self.page.locator("#main")
        place.get_by_role("link", name=name, exact=exact).first.click()
        self.judge()

    def press(self, name: str, within: Locator | None = None) -> None:
        """A button that posts; waits for the page that comes after it."""
        button = (within or self.page).get_by_role("button", name=re.compile(rf"^{name}"))
        with self.page.expect_navigation():
            button.first.click()
        self.judge()

    # filling in ----------------------------------------------------------------------------------

    def field(self, label: str, within: Locator | None = None) -> Locator:
        """The field under a label; the mark of a required field is no part of its name."""
        return (within or self.page).get_by_label(re.compile(rf"^{re.escape(label)}\*?$")).first

    def fill(self, label: str, value: Any, within: Locator | None = None) -> None:
        self.field(label, within).fill(str(value))

    def choose(self, label: str, option: str, within: Locator | None = None) -> None:
        self.field(label, within).select_option(label=option)

    def tick(self, label: str, within: Locator | None = None) -> None:
        self.field(label, within).check()

    def attach(self, label: str, path: Path) -> None:
        self.field(label).set_input_files(path)

    # seeing --------------------------------------------------------------------------------------

    def sees(self, text: str | re.Pattern[str], within: Locator | None = None) -> None:
        expect((within or self.page).get_by_text(text).first).to_be_visible(timeout=PATIENCE)

    def section(self, heading: str) -> Locator:
        """The card under a heading."""
        head = self.page.get_by_role("heading", name=re.compile(rf"^{re.escape(heading)}"))
        return self.page.locator("section, fieldset").filter(has=head).last

    def judge(self) -> None:
        self.page.wait_for_load_state("load")
        assert not self.wrong, f"{self.page.url}: {self.wrong}"
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= self.width, f"{self.page.url} is {wide} wide in a window of {self.width}"
        key = f"{self.width} {self._parts()}"
        if key in self.judged:
            return
        self.judged.add(key)
        found = [v for v in _axe.run(self.page).response["violations"] if _is_serious(v)]
        assert not found, "\n".join([self.page.url, *map(_told, found)])

    def _parts(self) -> str:
        """The page's kind: its address without numbers, and which components stand on it."""
        path = re.sub(r"\d+", "#", self.page.url.partition("?")[0])
        parts = self.page.evaluate(
            "[...new Set([...document.querySelectorAll('body *')].map(e => e.tagName + '.' + "
            "(e.getAttribute('class') || '')))].sort().join(' ')"
        )
        return f"{path} {parts}"

    def _heard(self, message: Any) -> None:
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.wrong.append(message.text)

    def _answer_dialog(self, dialog: Dialog) -> None:
        self.asked.append(dialog.type)
        if self.agrees:
            dialog.accept()
        else:
            dialog.dismiss()

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self.wrong.append(f"{response.status} {response.url}")


def _is_serious(violation: dict[str, Any]) -> bool:
    return violation["impact"] in ("serious", "critical")


def _told(violation: dict[str, Any]) -> str:
    nodes = [node["html"][:160] for node in violation["nodes"][:4]]
    return f"{violation['impact']} {violation['id']}: {violation['help']}\n  " + "\n  ".join(nodes)
