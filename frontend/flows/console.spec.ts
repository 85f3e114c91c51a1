import AxeBuilder from "@axe-core/playwright";
import { test as base, expect, type Page } from "@playwright/test";
import { alert, OPERATOR, Rollout, rolledBack, steady, underWay } from "./rollout";

const test = base.extend<{ rollout: Rollout; ops: Page }>({
  rollout: async ({ browserName: _ }, use) => use(new Rollout([underWay(), steady("boutique")])),
  ops: async ({ browser, baseURL, rollout }, use) => {
    const context = await browser.newContext({ httpCredentials: OPERATOR, baseURL: baseURL ?? "" });
    const page = await context.newPage();
    const refused: string[] = [];
    page.on("console", (message) => {
      if (/Content Security Policy|hydrat/i.test(message.text())) refused.push(message.text());
    });
    await rollout.open(page);
    await page.goto("/ops");
    await expect(release(page, "grocer")).toBeVisible();
    await use(page);
    expect(refused, "nothing that the browser refuses").toEqual([]);
    await context.close();
  },
});

const release = (page: Page, tenant: string) => page.getByRole("region", { name: `Release of ${tenant}` });
const verdict = (page: Page) => page.locator("#verdict");
const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
const dialog = (page: Page) => page.getByRole("dialog");

async function say(page: Page, why: string, who = "Ana"): Promise<void> {
  await dialog(page).getByLabel("Why").fill(why);
  await dialog(page).getByLabel("Your name").fill(who);
}

test("a release is paused with a reason and a name", async ({ ops, rollout }) => {
  await button(ops, "Pause").click();
  await expect(dialog(ops)).toContainText("The release stays at 10 %.");
  await say(ops, "clicks look odd");
  await dialog(ops).getByRole("button", { name: "Pause" }).click();
  await expect(dialog(ops)).toBeHidden();
  await expect(ops.getByText("Pause: done.")).toBeVisible();
  await expect(verdict(ops)).toHaveText("One thing to look at.");
  await expect(button(ops, "Pause")).toHaveAttribute("aria-disabled", "true");
  const body = { reason: "clicks look odd", by: "Ana", model_version: null, bundle_version: "" };
  expect(rollout.asked).toEqual([{ tenant: "grocer", move: "pause", body, header: "1" }]);

  await ops.reload();
  await button(ops, "Roll back").click();
  await expect(dialog(ops).getByLabel("Your name")).toHaveValue("Ana");
});

test("without a reason nothing is asked", async ({ ops, rollout }) => {
  await button(ops, "Roll back").click();
  await dialog(ops).getByRole("button", { name: "Roll back" }).click();
  await expect(dialog(ops).getByLabel("Why")).toBeFocused();
  expect(rollout.asked).toEqual([]);
});

test("a refused move says why, and can be asked again", async ({ ops, rollout }) => {
  rollout.refuses = "tenant 'grocer': the record was saved by somebody else";
  await button(ops, "Roll back").click();
  await say(ops, "errors");
  await dialog(ops).getByRole("button", { name: "Roll back" }).click();
  await expect(dialog(ops).getByRole("alert")).toHaveText(rollout.refuses);
  rollout.refuses = null;
  await dialog(ops).getByRole("button", { name: "Roll back" }).click();
  await expect(dialog(ops)).toBeHidden();
  await expect(release(ops, "grocer")).toContainText("Version 4 serves all shoppers again.");
});

test("a move that the record does not allow can be reached by keyboard and says why", async ({ ops, rollout }) => {
  await button(ops, "Resume").focus();
  await ops.keyboard.press("Enter");
  await expect(ops.getByText("Resume: Release grocer-v5-r8 is not paused.")).toBeVisible();
  await expect(dialog(ops)).toBeHidden();
  expect(rollout.asked).toEqual([]);
});

test("a move that becomes impossible while its dialog is open is not asked", async ({ ops, rollout }) => {
  await button(ops, "Promote now").click();
  await say(ops, "it is well");
  rollout.tenants = [rolledBack(), steady("boutique")];
  await expect(dialog(ops).getByRole("alert")).toHaveText("No longer possible: No release is under way (STEADY).");
  await expect(dialog(ops).getByRole("button", { name: "Promote now" })).toBeDisabled();
});

test("the keyboard opens and leaves a dialog, and the focus comes back", async ({ ops, rollout }) => {
  await button(ops, "Promote now").focus();
  await ops.keyboard.press("Enter");
  await expect(dialog(ops)).toContainText("Not known yet: ctr.");
  await expect(dialog(ops).getByLabel("Why")).toBeFocused();
  await ops.keyboard.press("Escape");
  await expect(dialog(ops)).toBeHidden();
  await expect(button(ops, "Promote now")).toBeFocused();
  expect(rollout.asked).toEqual([]);
});

test("a version is started after its bar was lifted", async ({ ops, rollout }) => {
  rollout.tenants = [rolledBack(), steady("boutique")];
  await button(ops, "Lift the bar of 5").click();
  await say(ops, "the column is mended");
  await dialog(ops).getByRole("button", { name: "Lift the bar of version 5" }).click();
  await expect(button(ops, "Lift the bar of 5")).toBeHidden();

  await button(ops, "Start a release").click();
  await say(ops, "again");
  await dialog(ops).getByLabel("Model version").fill("5");
  await dialog(ops).getByLabel("Bundle version").fill("not a version");
  await dialog(ops).getByRole("button", { name: "Start a release" }).click();
  await expect(dialog(ops)).toBeVisible();
  await dialog(ops).getByLabel("Bundle version").fill("8ed76ce7eb0f16e6");
  await dialog(ops).getByRole("button", { name: "Start a release" }).click();
  await expect(dialog(ops)).toBeHidden();
  expect(rollout.asked.map(({ move, body }) => [move, body.model_version, body.bundle_version])).toEqual([
    ["lift", 5, ""],
    ["start", 5, "8ed76ce7eb0f16e6"],
  ]);
});

test("the page says what the release waits for, and shows failing rules first", async ({ ops, rollout }) => {
  await expect(release(ops, "grocer")).toContainText("the step lasts long enough (at the latest in 3 min)");
  const deciding = ops.getByRole("list", { name: "Rules that decide" }).getByRole("listitem");
  await expect(deciding.first()).toContainText("ctr");
  await expect(ops.getByText("PSI of scores 1.43")).toBeHidden();
  await ops.getByText("Only shown: score_drift failing").click();
  await expect(ops.getByText("PSI of scores 1.43")).toBeVisible();

  const failing = underWay();
  failing.verdicts = failing.verdicts.map((one) => (one.rule === "latency" ? { ...one, health: "failing" } : one));
  rollout.tenants = [failing, steady("boutique")];
  await expect(deciding.first()).toContainText("latency");
  await expect(verdict(ops)).toHaveText("One thing needs you now.");
});

test("the verdict line leads to what needs somebody; pending and silenced alerts are folded away", async ({
  ops,
  rollout,
}) => {
  await expect(verdict(ops)).toHaveText("All well. Grocer: version 5 is at 10 %.");
  const late = alert({ name: "LadderNotFull", state: "pending", summary: "lists are not full" });
  const silenced = alert({ name: "BundleTooOld", severity: "critical", muted: "silence", summary: "a bundle is old" });
  rollout.alerts = [alert({ name: "SlotDown", severity: "critical" }), alert(), late, silenced];
  await expect(verdict(ops)).toHaveText("One thing needs you now, and 1 to look at.");
  await expect(ops.getByRole("link", { name: "Runbook: FreshnessSlow" })).toHaveAttribute(
    "href",
    "/ops/runbooks/FreshnessSlow",
  );
  await expect(ops.getByText("2 firing, 2 pending or kept quiet.")).toBeVisible();
  await expect(ops.getByText("a bundle is old")).toBeHidden();
  await ops.getByText("Pending, silenced and following alerts").click();
  await expect(ops.getByRole("listitem").filter({ hasText: "a bundle is old" })).toContainText("silenced, since");
  rollout.prometheusReached = false;
  await expect(ops.getByText("no release goes on")).toBeVisible();
});

test("a tenant is chosen by its name, and the address keeps it", async ({ ops, rollout }) => {
  await ops.getByRole("link", { name: "boutique" }).click();
  await expect(release(ops, "boutique")).toBeFocused();
  await expect(release(ops, "boutique")).toContainText("Version 4 serves all shoppers.");
  await expect.poll(() => rollout.seriesAsked.at(-1)?.get("tenant")).toBe("boutique");
  await ops.reload();
  await expect(release(ops, "boutique")).toBeVisible();
  await ops.getByLabel("Window").selectOption("last day");
  await expect.poll(() => rollout.seriesAsked.at(-1)?.get("minutes")).toBe("1440");
  await expect(ops.getByRole("img", { name: /^p95: blue .* ms, green .* ms$/ })).toBeVisible();
});

for (const colorScheme of ["light", "dark"] as const)
  for (const width of [1280, 400])
    test(`axe finds nothing, and nothing is wider than the screen: ${width} px, ${colorScheme}`, async ({
      ops,
      rollout,
    }) => {
      await ops.emulateMedia({ colorScheme });
      await ops.setViewportSize({ width, height: 900 });
      for (const tenants of [[underWay(), steady("boutique")], [rolledBack()]]) {
        rollout.tenants = tenants;
        rollout.alerts = [alert(), alert({ name: "SlotDown", severity: "critical" })];
        await expect(ops.getByRole("row")).toHaveCount(1 + 2 * tenants.length);
        expect((await new AxeBuilder({ page: ops }).analyze()).violations).toEqual([]);
        expect(await ops.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      }
      await button(ops, "Start a release").click();
      expect((await new AxeBuilder({ page: ops }).analyze()).violations).toEqual([]);
    });

test("nothing moves on the page while the figures change", async ({ ops, rollout }) => {
  await ops.evaluate(() => {
    const seen = window as unknown as { shifted: number };
    seen.shifted = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.shifted += (entry as unknown as { value: number }).value;
    }).observe({ type: "layout-shift" });
  });
  for (const [requests, p95] of [
    [3.1, 0.0091],
    [1_204, 1.42],
    [0.02, 0.099],
  ] as const) {
    const next = underWay();
    next.slots = next.slots.map((slot) => ({ ...slot, requests_per_s: requests, p95_s: p95, error_ratio: p95 / 10 }));
    rollout.tenants = [next, steady("boutique")];
    await expect(ops.getByRole("row").nth(1).getByRole("cell").nth(4)).toHaveText(shown(requests));
  }
  expect(await ops.evaluate(() => (window as unknown as { shifted: number }).shifted)).toBeLessThan(0.001);
});

function shown(rate: number): string {
  return rate < 0.1 ? "< 0.1" : rate.toFixed(rate < 10 ? 1 : 0);
}

test("the storefront takes a move from this page, and says that rollout is away", async ({ ops }) => {
  await ops.unroute("**/ops/rollout/*/*");
  await button(ops, "Roll back").click();
  await say(ops, "errors");
  const [answer] = await Promise.all([
    ops.waitForResponse("**/ops/rollout/grocer/rollback"),
    dialog(ops).getByRole("button", { name: "Roll back" }).click(),
  ]);
  expect(answer.status()).toBe(503);
  await expect(dialog(ops).getByRole("alert")).toContainText("rollout does not answer");
});

test("a page of another site moves nothing, though the browser knows the login", async ({ ops, baseURL }) => {
  await ops.unroute("**/ops/rollout/*/*");
  const target = `${baseURL}/ops/rollout/grocer/rollback`;
  const form = `<form method="post" enctype="text/plain" action="${target}"><button>Win a prize</button></form>`;
  await ops.route("http://evil.test/", (route) => route.fulfill({ contentType: "text/html", body: form }));
  await ops.goto("http://evil.test/");
  const [answer] = await Promise.all([ops.waitForResponse(target), button(ops, "Win a prize").click()]);
  expect(answer.status()).toBe(403); // 401 would be a login that is not known
  expect(await answer.json()).toMatchObject({ title: "The request does not come from the operators' page" });
});
